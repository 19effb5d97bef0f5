package account

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A File is the output of one AWS CLI command.
type File struct {
	Name string // its path below the folder
	Data []byte // UTF-8
}

// Limits of what is read. A file that is larger, or has more objects, is a problem that is
// reported.
const (
	maxFiles   = 5_000
	maxObjects = 200_000 // of all files
	maxText    = 300     // bytes of a file's text in a problem
)

// Read returns what the files say. A file that can't be used is one of the Config's Problems;
// it is never an error, since the others may suffice.
func Read(files []File) *Config {
	r := reader{Config: &Config{
		sets:      make(map[set]*reading),
		byAddress: make(map[netip.Addr][]*networkInterface), byENI: make(map[string]*endpoint),
	}, owners: make(map[string]bool), regions: make(map[string]bool)}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	if len(files) > maxFiles {
		r.problem("", fmt.Sprintf("only the first %d of %d files are read", maxFiles, len(files)))
		files = files[:maxFiles]
	}
	for _, f := range files {
		r.index(f)
	}
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
	pages           []page
	indexed         map[string]IndexEntry // by file name
	indexFile       string
	objects         int
}

// A page is an output that may be one of several.
type page struct {
	set         set
	file, scope string // the accounts and Regions of its objects
	more        bool   // it has a token for the next one
}

func (r *reader) problem(file, text string) {
	if file != "" {
		text = file + ": " + text
	}
	r.Problems = append(r.Problems, text)
}

// An IndexEntry is what became of the command for a file, as the index has it.
type IndexEntry struct {
	File    string    `json:"file"`
	Command string    `json:"command"`
	Account string    `json:"account,omitempty"`
	Region  string    `json:"region"`
	Time    time.Time `json:"time"`
	Status  int       `json:"exit_status"` // -1: it couldn't be started, or was ended by a signal
	Error   string    `json:"error,omitempty"`
}

// IndexName is the name of the file in which the collector says how it made the others.
const IndexName = "index.json"

// index reads the collector's index. It has precedence over what a file's name says.
func (r *reader) index(f File) {
	if f.Name != IndexName && !strings.HasSuffix(f.Name, "/"+IndexName) {
		return
	}
	var x struct {
		Files []IndexEntry `json:"files"`
	}
	if json.Unmarshal(f.Data, &x) != nil || x.Files == nil {
		return
	}
	r.indexFile = f.Name
	if r.indexed == nil {
		r.indexed = make(map[string]IndexEntry)
	}
	dir := strings.TrimSuffix(f.Name, IndexName)
	for _, e := range x.Files {
		r.indexed[dir+e.File] = e
		if e.Time.After(r.Collected) {
			r.Collected = e.Time
		}
		if e.Status != 0 {
			r.failed(dir+e.File, e.Command+" "+e.Error)
		}
	}
}

// errorIn is how the AWS CLI writes an error.
var errorIn = regexp.MustCompile(`An error occurred \((\w{1,60})\) when calling the \w+ operation`)

// notJSON notes a file that has an error of the AWS CLI, or another format. Its text may be an
// output with keys, so it isn't quoted.
func (r *reader) notJSON(file, text string) {
	if m := errorIn.FindString(text); m != "" {
		r.failed(file, m)
		return
	}
	r.problem(file, "not JSON, as aws --output json writes")
}

// failed notes that an output is missing, and which permission it needs.
func (r *reader) failed(file, text string) {
	for _, s := range sets() {
		action, refused := s.refusedIn(text)
		if !refused {
			continue
		}
		x := r.reading(s.set)
		if x.refused == "" {
			x.refused = action
		}
		r.problem(file, "not an output: "+s.command+" failed; it needs the permission "+action)
		return
	}
	r.problem(file, "the command failed: "+short(text))
}

func (r *reader) reading(s set) *reading {
	if r.sets[s] == nil {
		r.sets[s] = &reading{}
	}
	return r.sets[s]
}

// file reads one file.
func (r *reader) file(f File) {
	data := bytes.TrimSpace(bytes.TrimPrefix(f.Data, []byte("\xef\xbb\xbf")))
	if f.Name == r.indexFile && r.indexFile != "" {
		return
	}
	if e, known := r.indexed[f.Name]; known && e.Status != 0 {
		return // its error is in the index
	}
	if len(data) == 0 {
		r.problem(f.Name, "empty")
		return
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		if data[0] == '{' || data[0] == '[' {
			r.problem(f.Name, "not a whole JSON object, as aws --output json writes: "+err.Error())
			return
		}
		r.notJSON(f.Name, string(data[:min(len(data), 4096)]))
		return
	}
	known := false
	for _, s := range sets() {
		raw, found := top[string(s.set)]
		if !found || s.only != "" && top[s.only] == nil {
			continue
		}
		known = true
		r.set(f, s, raw, top)
	}
	if !known {
		r.problem(f.Name, "not the output of a command that detour knows")
		return
	}
	r.Files++
}

// set reads the objects of one set.
func (r *reader) set(f File, s shape, raw json.RawMessage, top map[string]json.RawMessage) {
	x := r.reading(s.set)
	x.files = append(x.files, f.Name)
	r.ownersIn(raw)
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
		s.list(r, f.Name, all, more)
		return
	}
	for i, o := range all {
		at := place{f.Name, fmt.Sprintf("%s[%d]", s.set, i)}
		if err := s.each(r, at, o); err != nil {
			r.problem(f.Name, fmt.Sprintf("%s can't be read: %v", at.Path, err))
			x.partial = append(x.partial, f.Name)
		}
	}
	r.pages = append(r.pages, page{s.set, f.Name, r.scope(f.Name, raw), more})
}

// tokened reports whether an output says that there is another page.
func tokened(top map[string]json.RawMessage) bool {
	for _, name := range []string{"NextToken", "nextToken", "NextMarker", "Marker"} {
		if t := top[name]; len(t) > 0 && string(t) != "null" && string(t) != `""` {
			return true
		}
	}
	for _, name := range []string{"IsTruncated", "AdditionalRoutesAvailable"} {
		if string(top[name]) == "true" {
			return true
		}
	}
	return false
}

var (
	ownerIn  = regexp.MustCompile(`"(?:OwnerId|VpcOwnerId|OwningAccount|TransitGatewayOwnerId)": *"(\d{12})"`)
	regionIn = regexp.MustCompile(`(?:arn:[a-z-]+:[a-z0-9-]+:|"com\.amazonaws\.|"cn\.com\.amazonaws\.|"AvailabilityZone": *")` +
		`([a-z]{2}(?:-[a-z]+)+-\d)`)
)

// ownersIn notes the accounts and Regions that a set names.
func (r *reader) ownersIn(raw []byte) {
	for _, m := range ownerIn.FindAllSubmatch(raw, -1) {
		r.owners[string(m[1])] = true
	}
	for _, m := range regionIn.FindAllSubmatch(raw, -1) {
		r.regions[string(m[1])] = true
	}
}

// scope is which account and Region a page is of: pages of one command have the same.
func (r *reader) scope(file string, raw []byte) string {
	if e, known := r.indexed[file]; known && e.Account != "" {
		return e.Account + " " + e.Region
	}
	var out []string
	for _, m := range ownerIn.FindAllSubmatch(raw, -1) {
		out = append(out, string(m[1]))
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}

// join connects the objects, and finds the pages that have no next one.
func (r *reader) join() {
	for _, p := range r.pages {
		if !p.more || slices.ContainsFunc(r.pages, func(q page) bool {
			return q.set == p.set && !q.more && q.scope == p.scope && p.scope != ""
		}) {
			continue
		}
		r.reading(p.set).partial = append(r.reading(p.set).partial, p.file)
		r.problem(p.file, "partial page (NextToken), and no file has the next one")
	}
	for _, e := range r.endpoints.all {
		for _, id := range e.Interfaces {
			r.byENI[id] = e
		}
		if e.Region != "" {
			r.regions[e.Region] = true
		}
	}
	for _, n := range r.interfaces.all {
		for _, a := range n.Addresses {
			r.byAddress[a] = append(r.byAddress[a], n)
		}
	}
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
