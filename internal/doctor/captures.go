package doctor

import "fmt"

// Captures are the recordings that runs have left.
type Captures struct {
	Dir   string
	Files int
	Bytes int64
	Err   string // why no new one can be made
}

// manyBytes is from when on captures are worth a word: two runs with as many bodies
// as one capture keeps.
const manyBytes = 1 << 30

func (c Captures) check() Check {
	const code = "captures"
	switch {
	case c.Err != "":
		return warn(code, "make it writable for you alone; or --capture FILE, or none", "no capture can be kept in %s: %s", c.Dir, c.Err)
	case c.Files == 0:
		return ok(code, "none yet; they are kept in %s", c.Dir)
	case c.Bytes >= manyBytes:
		return warn(code, "remove those that nobody needs any more: detour never does", "%s in %s", c.size(), c.Dir)
	}
	return ok(code, "%s in %s; remove old ones as you like", c.size(), c.Dir)
}

// size is how many there are, and what they take.
func (c Captures) size() string {
	files := fmt.Sprintf("%d captures", c.Files)
	if c.Files == 1 {
		files = "1 capture"
	}
	if c.Bytes >= manyBytes {
		return fmt.Sprintf("%s, %.1f GiB,", files, float64(c.Bytes)/(1<<30))
	}
	return fmt.Sprintf("%s, %.1f MiB,", files, float64(c.Bytes)/(1<<20))
}
