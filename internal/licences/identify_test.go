package licences

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// marks are phrases that only the text of this licence has.
var marks = []struct {
	licence string
	phrase  *regexp.Regexp
}{
	{"Apache-2.0", regexp.MustCompile(`Apache License,? Version 2\.0, January 2004`)},
	{"BSD-2-Clause", regexp.MustCompile(`Redistribution and use in source and binary forms`)},
	{"BSD-3-Clause", regexp.MustCompile(`Neither the name`)},
	{"ISC", regexp.MustCompile(`Permission to use, copy, modify, and(/or)? distribute this software`)},
	{"MIT", regexp.MustCompile(`Permission is hereby granted, free of charge, to any person`)},
	{"MIT-0", regexp.MustCompile(`MIT No Attribution`)},
	{"public domain", regexp.MustCompile(`dedicated to the public domain`)},
}

// copyleft is what a text must not have: its terms would reach detour's own code, or what is
// done with the program.
var copyleft = regexp.MustCompile(`GNU (Affero |Lesser |Library )?General Public License|Mozilla Public License|` +
	`Eclipse Public License|Server Side Public License|Business Source License|Commons Clause|Attribution-(NonCommercial|ShareAlike)`)

// identify returns the SPDX identifiers of the licences in a text.
func identify(text string) (out []string) {
	text = strings.Join(strings.Fields(text), " ")
	for _, m := range marks {
		if m.phrase.MatchString(text) {
			out = append(out, m.licence)
		}
	}
	if slices.Contains(out, "BSD-3-Clause") { // which has the text of the two clauses, too
		out = slices.DeleteFunc(out, func(l string) bool { return l == "BSD-2-Clause" })
	}
	return out
}

func TestIdentify(t *testing.T) {
	for text, want := range map[string]string{
		"Apache License\n   Version 2.0, January 2004":                                            "Apache-2.0",
		"Redistribution and use in source and\nbinary forms ... provided that":                    "BSD-2-Clause",
		"Redistribution and use in source and binary forms\n * Neither the name of":               "BSD-3-Clause",
		"Permission is hereby granted, free of charge, to any person\n-- Neither the name":        "BSD-3-Clause MIT",
		"Permission to use, copy, modify, and/or distribute this software for any purpose":        "ISC",
		"All of the code has been dedicated to the public\ndomain by the authors.":                "public domain",
		"This source code is the property of Example Ltd. All rights reserved. Do not copy it.\n": "",
	} {
		if got := strings.Join(identify(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if !copyleft.MatchString("under the terms of the GNU General Public License") || copyleft.MatchString("IMPLIED, FITNESS") {
		t.Error("copyleft isn't told from the rest")
	}
}
