package doctor

import "detour/internal/wording"

// Captures are the recordings that runs have saved.
type Captures struct {
	Dir   string
	Files int
	Bytes int64
	Err   string // why no new one can be saved
}

// manyBytes is the size from which captures are worth a warning: two runs with as many
// bodies as one capture saves.
const manyBytes = 1 << 30

func (c Captures) check() Check {
	const code = "captures"
	size := wording.Count(c.Files, "capture") + " (" + wording.Bytes(c.Bytes) + ")"
	switch {
	case c.Err != "":
		return warn(code, "make it writable for you only; or use --capture FILE, or --capture none",
			"can't save captures in %s: %s", c.Dir, c.Err)
	case c.Files == 0:
		return ok(code, "none yet; runs save them in %s", c.Dir)
	case c.Bytes >= manyBytes:
		return warn(code, "remove those that you no longer need: detour never removes any", "%s in %s", size, c.Dir)
	}
	return ok(code, "%s in %s; remove old ones as you like", size, c.Dir)
}
