package packed

import "strings"

// words numbers texts that many flows have, from 1 on.
type words struct {
	list    []string
	numbers map[string]uint64
}

// maxWords limits the texts that have a number.
const maxWords = 1 << 12

// of returns the number of a text; 0 if it has none.
func (w *words) of(s string) uint64 {
	n := w.numbers[s]
	if n > 0 || len(w.list) == maxWords {
		return n
	}
	if w.numbers == nil {
		w.numbers = make(map[string]uint64)
	}
	s = strings.Clone(s) // a part of a long text would keep all of it in memory
	w.list = append(w.list, s)
	n = uint64(len(w.list))
	w.numbers[s] = n
	return n
}
