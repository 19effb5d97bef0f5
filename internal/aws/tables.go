package aws

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed data/*.tsv
var data embed.FS

// Tables is what is known of AWS. It is immutable after Load and may be used
// concurrently.
type Tables struct {
	partitions []*partition
	suffixes   []suffix              // of service endpoints
	regions    map[string]*partition // the known Regions
	families   map[string][]family   // by their last two labels, in order of decision

	labels   map[string][]string // services by host label, the most likely first
	variants map[string]variant  // other labels for one of labels
	services map[string]service  // by service: "monitoring"
	targets  map[string][]string // services by X-Amz-Target prefix or service shape
	signing  map[string][]string // services by signing name

	operations map[string]*operationSet // by service

	paths []consolePath
	calls map[string]consoleCall // ?call= of the EC2 and VPC consoles
	rules consoleRules
	vend  map[string]bool   // service:operation, or service:*, whose bodies hold credentials
	names map[string]string // services by the console's names
	same  map[string]string // the service that a second name in the models stands for

	domains   []Domain // those that aren't a suffix of one partition
	endpoints endpointServices
	own       map[string]string // the user's endpoint services, by host or *.host; may be nil
	global    map[string]bool   // host labels of endpoints without a Region in their name
	cors      map[string]bool   // host labels that a page may call

	iam                     map[string]string // service: IAM's prefix of its actions
	browsers, belowBrowsers map[string]bool   // hosts that browsers use for themselves, and domains of such hosts
}

// A service is what the API models say about one.
type service struct {
	name      string   // "CloudWatch"
	protocols []string // "query", "json1.0", …
	versions  []string // of the API: "2010-08-01"
}

// Load reads the embedded tables. It fails only if the build is broken.
func Load() (*Tables, error) {
	t := &Tables{
		regions: map[string]*partition{}, families: map[string][]family{},
		labels: map[string][]string{}, variants: map[string]variant{}, services: map[string]service{},
		targets: map[string][]string{}, signing: map[string][]string{}, calls: map[string]consoleCall{},
		rules: consoleRules{}, names: map[string]string{}, same: map[string]string{}, vend: map[string]bool{},
		operations: map[string]*operationSet{}, endpoints: newEndpointServices(), global: map[string]bool{}, cors: map[string]bool{},
		browsers: map[string]bool{}, belowBrowsers: map[string]bool{}, iam: map[string]string{},
	}
	if err := t.addOperations(); err != nil {
		return nil, err
	}
	for _, load := range []struct {
		file string
		row  func([]string) error
	}{
		{"partitions.tsv", t.addPartition},
		{"other_domains.tsv", t.addDomain},
		{"host_patterns.tsv", t.addFamily},
		{"api_services.tsv", t.addService},
		{"service_hosts.tsv", t.addLabel},
		{"endpoint_labels.tsv", t.addVariant},
		{"aliases.tsv", t.addAlias},
		{"console_paths.tsv", t.addConsolePath},
		{"console_calls.tsv", t.addConsoleCall},
		{"console_rules.tsv", t.addConsoleRule},
		{"console_recorded.tsv", t.addConsoleRule},
		{"console_names.tsv", t.addConsoleName},
		{"vpce_private_dns.tsv", t.addPrivateDNS},
		{"vpce_prefix_exceptions.tsv", t.addEndpointName},
		{"cors.tsv", t.addCORS},
		{"credential_operations.tsv", t.addVend},
		{"route_conditions.tsv", t.addCondition},
		{"browser_hosts.tsv", t.addBrowserHost},
		{"iam_prefixes.tsv", func(c []string) error { // service, prefix
			t.iam[c[0]] = c[1]
			return nil
		}},
	} {
		if err := eachRow(load.file, load.row); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// eachRow calls row with the columns of each line except the header.
func eachRow(file string, row func([]string) error) error {
	b, err := data.ReadFile("data/" + file)
	if err != nil {
		return err
	}
	columns := 0
	for i, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		cols := strings.Split(line, "\t")
		if i == 0 {
			columns = len(cols)
			continue
		}
		if len(cols) != columns {
			return fmt.Errorf("%s line %d: %d columns, want %d", file, i+1, len(cols), columns)
		}
		if err := row(cols); err != nil {
			return fmt.Errorf("%s line %d: %w", file, i+1, err)
		}
	}
	return nil
}

// addService reads service, SDK id, host labels, signing name, protocols,
// targets, versions.
func (t *Tables) addService(c []string) error {
	t.services[c[0]] = service{name: c[1], protocols: list(c[4]), versions: list(c[6])}
	for _, prefix := range list(c[5]) {
		t.targets[prefix] = append(t.targets[prefix], c[0])
	}
	t.iam[c[0]] = c[0]
	if c[3] != "" {
		t.iam[c[0]] = c[3]
		t.signing[c[3]] = append(t.signing[c[3]], c[0])
	}
	return nil
}

// addLabel reads host label and services. Of several services, the one with the
// label's name comes first.
func (t *Tables) addLabel(c []string) error {
	services := list(c[1])
	if len(services) == 0 {
		return fmt.Errorf("no service has the label %q", c[0])
	}
	t.labels[c[0]] = first(services, c[0])
	t.global[c[0]] = c[3] == "global"
	return nil
}

// addCORS reads a host label.
func (t *Tables) addCORS(c []string) error {
	t.cors[c[0]] = true
	return nil
}

// addAlias reads what the API models don't have: more target prefixes, more services
// of a host label, the most likely of those, and second names of a service.
func (t *Tables) addAlias(c []string) error {
	kind, name, of := c[0], c[1], c[2]
	if _, ok := t.services[of]; !ok {
		return fmt.Errorf("no such service: %q", of)
	}
	switch kind {
	case "target":
		t.targets[name] = []string{of}
	case "same":
		if _, ok := t.services[name]; !ok {
			return fmt.Errorf("no such service: %q", name)
		}
		t.same[name] = of
	case "also":
		t.labels[name] = append(t.labels[name], of)
	case "first":
		if !slices.Contains(t.labels[name], of) {
			return fmt.Errorf("%q isn't a service of the label %q", of, name)
		}
		t.labels[name] = first(t.labels[name], of)
	default:
		return fmt.Errorf("no such kind of alias: %q", kind)
	}
	return nil
}

// list splits a column of several values.
func list(column string) []string {
	if column == "" {
		return nil
	}
	return strings.Split(column, "|")
}

// first moves one of names to the front, if it is there.
func first(names []string, one string) []string {
	i := slices.Index(names, one)
	if i < 0 {
		return names
	}
	return append([]string{one}, slices.Delete(slices.Clone(names), i, i+1)...)
}
