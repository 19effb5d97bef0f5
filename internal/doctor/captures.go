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

// older is the command that removes old captures.
const older = "detour captures --older-than 30d"

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
		return warn(code, older+" lists old ones, and asks before it removes them", "%s in %s", size, c.Dir)
	}
	return ok(code, "%s in %s; %s removes old ones", size, c.Dir, older)
}
