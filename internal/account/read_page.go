package account

import (
	"encoding/json"
	"strings"

	"detour/internal/lazyregexp"
)

// A page is an output that may be one of several.
type page struct {
	set         set
	file, scope string // the accounts and Regions of its objects
	more        bool   // it has a token for the next one
}

// tokened reports whether an output says that there is another page, as AWS's, or as the AWS
// CLI's own with --max-items.
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

// unfinished finds the pages that have no next one. Of pages of one account, one has no token;
// if several haven't, they are of several commands, and which goes on with what isn't known.
func (r *reader) unfinished() {
	type key struct {
		set   set
		scope string
	}
	last := make(map[key]int)
	for _, p := range r.pages {
		if !p.more && p.scope != "" {
			last[key{p.set, p.scope}]++
		}
	}
	for _, p := range r.pages {
		n := last[key{p.set, p.scope}]
		if !p.more || n == 1 {
			continue
		}
		x := r.reading(p.set)
		x.partial = append(x.partial, p.file)
		if n == 0 {
			r.problem(p.file, "partial page (NextToken), and no file has the next one")
		} else {
			r.problem(p.file, "partial page (NextToken), and several files may have the last one")
		}
	}
}

// owned is what says of which account and Region an object is.
type owned struct {
	OwnerId, VpcOwnerId, TransitGatewayOwnerId string //nolint:revive // the API's names
	AvailabilityZone, Arn, SubnetArn           string
	SecurityGroupArn, PrefixListArn            string
}

// of notes the accounts and Regions that an object names.
func (r *reader) of(o owned) {
	r.account(o.OwnerId)
	r.account(o.VpcOwnerId)
	r.account(o.TransitGatewayOwnerId)
	if !r.regions[strings.TrimRight(o.AvailabilityZone, "abcdefghi")] {
		r.region(regionBegins.FindString(o.AvailabilityZone))
	}
	for _, arn := range []string{o.Arn, o.SubnetArn, o.SecurityGroupArn, o.PrefixListArn} {
		if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 {
			r.region(parts[3])
		}
	}
}

// account notes an account, if it is one: AWS's own are called by names.
func (r *reader) account(id string) {
	if len(id) != 12 || strings.Trim(id, "0123456789") != "" {
		return
	}
	r.owners[id], r.ofPage[id] = true, true
}

func (r *reader) region(name string) {
	if name != "" && !r.regions[name] && regionForm.MatchString(name) {
		r.regions[name] = true
	}
}

// regionBegins is the Region of an Availability Zone or a Local Zone, as us-west-2-lax-1a.
var regionBegins = lazyregexp.New(`^[a-z]{2,4}(?:-[a-z]+)+?-\d{1,2}`)

// scope is which account and Region the page that was read is of: pages of one command have the
// same.
func (r *reader) scope(file string) string {
	out := strings.Join(sorted(r.ofPage), " ")
	if e, known := r.indexed[file]; known && e.Account != "" {
		out += " " + e.Account + " " + e.Region
	}
	return out
}
