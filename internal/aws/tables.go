// Package aws says what an AWS request is: which road it takes (console-origin,
// direct-endpoint …) and on what evidence, which service and operation it asks
// for, and which interface endpoint would carry it inside a VPC.
//
// It is pure: a request in, its names out. What it knows of AWS is in data/, in
// tables; the code has the order of decision and the shapes that requests take.
package aws

import (
	"embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed data/*.tsv
var data embed.FS

// Tables is what is known of AWS. It is not written to after Load and may be
// used concurrently.
type Tables struct {
	partitions []partition
	families   []family
	labels     map[string]label   // by host label: "monitoring", "api.ecr"
	services   map[string]service // by endpoint prefix: "monitoring"
	targets    map[string]string  // X-Amz-Target prefix to service
	signing    map[string]string  // signing name to service, where only one has it
	endpoints  map[string]string  // "region service" to an endpoint service outside com.amazonaws
}

type partition struct {
	name         string
	region       *regexp.Regexp
	suffixes     []string // dnsSuffix and dual-stack suffix
	globalRegion string
}

// label is a host label of service endpoints.
type label struct {
	services []string
	global   bool   // the service has hosts without a Region
	endpoint string // "com.amazonaws.{region}.monitoring"; "" if none is known
}

type service struct {
	name string // "CloudWatch"
}

// Load reads the embedded tables. An error means that the build is broken.
func Load() (*Tables, error) {
	t := &Tables{
		labels: map[string]label{}, services: map[string]service{}, targets: map[string]string{},
		signing: map[string]string{}, endpoints: map[string]string{},
	}
	for _, load := range []struct {
		file string
		row  func([]string) error
	}{
		{"partitions.tsv", t.addPartition},
		{"families.tsv", t.addFamily},
		{"api_services.tsv", t.addService},
		{"service_hosts.tsv", t.addLabel},
		{"vpce_prefix_exceptions.tsv", t.addEndpoint},
	} {
		if err := eachRow(load.file, load.row); err != nil {
			return nil, err
		}
	}
	t.targets["CloudWatchVersion20130116"] = "monitoring" // the console's own model of CloudWatch
	return t, nil
}

// eachRow calls row with the columns of each line but the head.
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

func (t *Tables) addPartition(c []string) error {
	re, err := regexp.Compile(c[1])
	if err != nil {
		return err
	}
	t.partitions = append(t.partitions, partition{
		name: c[0], region: re, suffixes: []string{c[2], c[3]}, globalRegion: c[4],
	})
	return nil
}

func (t *Tables) addService(c []string) error {
	t.services[c[0]] = service{name: c[1]}
	for _, prefix := range strings.Split(c[5], "|") {
		if _, taken := t.targets[prefix]; prefix != "" && !taken {
			t.targets[prefix] = c[0]
		}
	}
	if _, shared := t.signing[c[3]]; shared {
		t.signing[c[3]] = "" // more than one service signs so: the host must tell
	} else {
		t.signing[c[3]] = c[0]
	}
	return nil
}

func (t *Tables) addLabel(c []string) error {
	t.labels[c[0]] = label{
		services: strings.Split(c[1], "|"), global: c[3] == "global", endpoint: c[4],
	}
	return nil
}

func (t *Tables) addEndpoint(c []string) error {
	t.endpoints[c[0]+" "+c[1]] = c[2]
	return nil
}

// partitionOf finds the partition of a Region, and whether it is one.
func (t *Tables) partitionOf(region string) (partition, bool) {
	for _, p := range t.partitions {
		if p.region.MatchString(region) {
			return p, true
		}
	}
	return partition{}, false
}
