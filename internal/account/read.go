package account

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// A File is the output of one AWS CLI command.
type File struct {
	Name   string // its path below the folder
	Data   []byte // UTF-8; the beginning, or nothing, if Unread is set
	Unread string // why the file isn't read, as "larger than 64 MiB"; "" if it is
}

// Limits of what is read. A file that is larger, or has more objects, is a problem that is
// reported, and what it may have is unknown.
const (
	maxFiles   = 5_000
	maxObjects = 200_000 // of all files
	maxPages   = 5_000   // of one file
	maxBad     = 5       // objects of a file that can't be read and are named
	maxText    = 300     // bytes of a file's text in a problem
	maxHead    = 4 << 10 // bytes of a file in which an error, or a set's name, is looked for
)

// Read returns what the files say. A file that can't be used is one of the Config's Problems;
// it is never an error, since the others may suffice.
func Read(files []File) *Config {
	r := reader{Config: &Config{
		sets:      make(map[set]*reading),
		byAddress: make(map[netip.Addr][]*networkInterface), byENI: make(map[string]*endpoint),
	}, owners: make(map[string]bool), regions: make(map[string]bool), ofPage: make(map[string]bool)}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	if len(files) > maxFiles {
		r.problem("", fmt.Sprintf("only the first %d of %d files are read, so what isn't in them is unknown", maxFiles, len(files)))
		r.doubts = append(r.doubts, files[maxFiles].Name)
		files = files[:maxFiles]
	}
	r.indexes(files)
	for _, f := range files {
		r.file(f)
	}
	r.join()
	r.Problems = sortedUnique(r.Problems)
	return r.Config
}

// A reader collects what the files say.
type reader struct {
	*Config
	owners, regions map[string]bool
	ofPage          map[string]bool // owners of the objects of the page that is read
	pages           []page
	indexed         map[string]entry // by file name
	indexFiles      map[string]bool
	objects         int
}

func (r *reader) problem(file, text string) {
	if file != "" {
		text = file + ": " + text
	}
	r.Problems = append(r.Problems, text)
}

func (r *reader) reading(s set) *reading {
	if r.sets[s] == nil {
		r.sets[s] = &reading{}
	}
	return r.sets[s]
}

// file reads one file.
func (r *reader) file(f File) {
	e, known := r.indexed[f.Name]
	switch {
	case r.indexFiles[f.Name]:
		return
	case known && e.Status != 0:
		return // its error is in the index, and what is there is of an earlier run
	case f.Unread != "":
		r.unread(f, f.Unread)
		return
	}
	data := bytes.TrimSpace(bytes.TrimPrefix(f.Data, []byte("\xef\xbb\xbf")))
	if len(data) == 0 {
		r.unread(f, "empty")
		return
	}
	docs, err := documents(data)
	if err != nil {
		r.notOutput(f, data, err)
		return
	}
	found := 0
	for _, top := range docs {
		for _, s := range shapes {
			raw, is := top[string(s.set)]
			if !is || s.only != "" && top[s.only] == nil {
				continue
			}
			found++
			r.set(f, s, raw, top)
		}
	}
	if found > 0 {
		r.Files++
		return
	}
	r.notOutput(f, data, errOther)
}

// set reads the objects of one set.
func (r *reader) set(f File, s shape, raw json.RawMessage, top map[string]json.RawMessage) {
	x := r.reading(s.set)
	x.files = append(x.files, f.Name)
	covered := r.coverageOf(f.Name, s)
	x.coverage = append(x.coverage, covered)
	clear(r.ofPage)
	if s.whole != nil {
		s.whole(r, f.Name, top)
		return
	}
	var all []json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil || all == nil {
		r.problem(f.Name, string(s.set)+" isn't a list")
		x.partial = append(x.partial, f.Name)
		return
	}
	if r.objects += len(all); r.objects > maxObjects {
		r.problem(f.Name, fmt.Sprintf("not read: the files have more than %d objects", maxObjects))
		x.partial = append(x.partial, f.Name)
		return
	}
	more := tokened(top)
	if s.each == nil {
		s.list(r, f.Name, all, more || !covered.All)
		return
	}
	bad := 0
	for i, o := range all {
		at := place{f.Name, fmt.Sprintf("%s[%d]", s.set, i)}
		err := s.each(r, at, o)
		if err == nil {
			continue
		}
		if bad++; bad <= maxBad {
			r.problem(f.Name, fmt.Sprintf("%s can't be read: %v", at.Path, err))
		}
	}
	if bad > 0 {
		x.partial = append(x.partial, f.Name)
	}
	if bad > maxBad {
		r.problem(f.Name, fmt.Sprintf("%d more of %s can't be read", bad-maxBad, s.set))
	}
	r.pages = append(r.pages, page{s.set, f.Name, r.scope(f.Name), more})
}

// join connects the objects, and finds what is missing.
func (r *reader) join() {
	r.unfinished()
	for _, e := range r.endpoints.all {
		for _, id := range e.Interfaces {
			r.byENI[id] = e
		}
	}
	for _, n := range r.interfaces.all {
		for _, a := range n.Addresses {
			r.byAddress[a] = append(r.byAddress[a], n)
		}
		if clientVPNInterface(n) {
			r.vpnENIs = append(r.vpnENIs, n)
		}
	}
	r.dangling()
	r.Accounts, r.Regions = sorted(r.owners), sorted(r.regions)
}

func sorted(of map[string]bool) []string {
	out := make([]string, 0, len(of))
	for s := range of {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func sortedUnique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// add stores an object. A second, different one of the same ID makes both doubtful.
func add[T any](r *reader, x *index[T], id string, at place, v *T, same func(a, b *T) bool) {
	if x.add(id, v) || same(x.byID[id], v) {
		return
	}
	if !x.conflicts[id] {
		r.problem(at.File, id+" differs from the same object in another file, so neither is used")
	}
	x.conflicts[id] = true
}

// short is text of a file as a part of a sentence.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}
