package account

import (
	"encoding/json"
	"path"
	"slices"
	"strings"
	"time"

	"detour/internal/account/awscli"
)

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

// An entry is an IndexEntry, and its command.
type entry struct {
	IndexEntry
	command awscli.Command
	sets    []shape // whose command it is; none if it isn't one that detour knows
}

// indexes reads the collector's indexes, of which each folder may have one. They have
// precedence over what a file's name says, but not over its content.
func (r *reader) indexes(files []File) {
	r.indexed, r.indexFiles = make(map[string]entry), make(map[string]bool)
	there := make(map[string]bool, len(files))
	for _, f := range files {
		there[f.Name] = true
	}
	for _, f := range files {
		var x struct {
			Files []IndexEntry `json:"files"`
		}
		if path.Base(f.Name) != IndexName || json.Unmarshal(f.Data, &x) != nil || x.Files == nil {
			continue
		}
		r.indexFiles[f.Name] = true
		dir := strings.TrimSuffix(f.Name, IndexName)
		for _, e := range x.Files {
			r.indexEntry(f.Name, dir, e, there)
		}
	}
}

func (r *reader) indexEntry(index, dir string, e IndexEntry, there map[string]bool) {
	name := dir + e.File
	x := entry{IndexEntry: e}
	if c, ok := awscli.Parse(e.Command); ok {
		x.command = c
		x.sets = slices.DeleteFunc(slices.Clone(shapes), func(s shape) bool { return !s.printedBy(c) })
	}
	if e.Time.After(r.Collected) {
		r.Collected = e.Time
	}
	r.indexed[name] = x
	switch {
	case e.Status != 0:
		f, _ := awscli.FailureIn(e.Error)
		if e.Status == 127 && f.Kind == awscli.Other {
			f.Kind = awscli.NoCLI
		}
		r.failed(name, f, x.sets, short(e.Command+" "+e.Error))
	case !there[name]:
		r.problem(index, "it names "+short(e.File)+", which isn't there")
		r.miss(name, x.sets)
	}
}

// miss notes that a file of these sets is missing. If the command isn't known, it may be of any.
func (r *reader) miss(file string, of []shape) {
	for _, s := range of {
		x := r.reading(s.set)
		x.partial = append(x.partial, file)
	}
	if len(of) == 0 && r.indexed[file].command.Service == "" {
		r.doubts = append(r.doubts, file)
	}
}

// coverageOf is which objects of a set a file has. Without an index, all.
func (r *reader) coverageOf(file string, s shape) coverage {
	e, known := r.indexed[file]
	if !known {
		return coverage{Coverage: awscli.Coverage{All: true}}
	}
	c := coverage{scope: strings.TrimSpace(e.Account + " " + e.Region)}
	if s.printedBy(e.command) {
		c.Coverage = e.command.Coverage()
	} else {
		r.problem(file, "not the output of the command that the index names, but of aws "+s.command)
	}
	return c
}

// printedBy reports whether a command prints the set.
func (s shape) printedBy(c awscli.Command) bool {
	command := c.Service + " " + c.Operation
	return command == s.command || s.set == setLists && command == awsLists
}
