package aws

import (
	"slices"
	"strings"
	"testing"
)

func TestDomains_coverEveryHostOfEveryPartition(t *testing.T) {
	tables := load(t)
	domains := tables.Domains()
	of := func(name string) (Domain, bool) {
		i := slices.IndexFunc(domains, func(d Domain) bool { return name == d.Name || strings.HasSuffix(name, "."+d.Name) })
		if i < 0 {
			return Domain{}, false
		}
		return domains[i], true
	}
	for name := range hosts {
		if _, ok := of(normalize(name)); !ok {
			t.Errorf("no domain has %s", name)
		}
	}
	for _, p := range tables.partitions {
		region := ""
		for r, q := range tables.regions {
			if q == p {
				region = r
			}
		}
		for name, want := range map[string]DomainKind{
			"monitoring." + region + "." + p.dns:                DomainEndpoint,
			"monitoring." + region + "." + p.dualstack:          DomainEndpoint,
			"vpce-0a-b.monitoring." + region + ".vpce." + p.dns: DomainInterfaceEndpoint,
			region + "." + p.console:                            DomainConsole,
			region + "." + p.signIn:                             DomainSignIn,
		} {
			if d, _ := of(name); d.Kind != want || !slices.Contains(d.Partitions, p.name) {
				t.Errorf("%s is of %+v, want kind %q of %s", name, d, want, p.name)
			}
		}
		for _, families := range tables.families {
			for i := range families {
				if f := &families[i]; f.partition == p.name {
					if d, ok := of(f.suffix()); !ok || !slices.Contains(d.Partitions, p.name) {
						t.Errorf("%v: its domain is %+v, want one of %s", f.labels, d, p.name)
					}
				}
			}
		}
	}
}

func TestDomains_areOnceEachAndThoseWithinOthersFirst(t *testing.T) {
	domains := load(t).Domains()
	for i, d := range domains {
		if normalize(d.Name) != d.Name || len(d.Partitions) == 0 || d.Kind == "" {
			t.Errorf("%+v isn't whole", d)
		}
		for _, later := range domains[i+1:] {
			if later.Name == d.Name || strings.HasSuffix(later.Name, "."+d.Name) {
				t.Errorf("%s comes after %s", later.Name, d.Name)
			}
		}
	}
	if i := slices.IndexFunc(domains, func(d Domain) bool { return d.Name == "amazonaws.com" }); !slices.Equal(domains[i].Partitions, []string{"aws", "aws-us-gov"}) {
		t.Errorf("amazonaws.com is of %v, want both partitions", domains[i].Partitions)
	}
}

func TestEndpointServicePrefixes_areOfEveryPartitionWithEndpointServices(t *testing.T) {
	got := load(t).EndpointServicePrefixes()
	for _, want := range []string{
		"com.amazonaws.", "cn.com.amazonaws.", "eu.amazonaws.", "gov.ic.c2s.", "gov.sgov.sc2s.", "gov.ic.hci.csp.", "uk.adc-e.cloud.", "aws.api.", "aws.sagemaker.",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s isn't among %q", want, got)
		}
	}
	for _, p := range got {
		if strings.Count(p, ".") < 2 || !strings.HasSuffix(p, ".") {
			t.Errorf("%q is no prefix of names that are all AWS's", p)
		}
	}
}

func TestDomains_agreeWithTheHostPatterns(t *testing.T) {
	tables := load(t)
	for _, d := range tables.domains {
		host := "a." + d.Name
		got := tables.host(host).class
		switch d.Kind {
		case DomainConsoleAPI, DomainSignIn, DomainStatic:
			if string(got) != string(d.Kind) {
				t.Errorf("%s is of class %q, but its domain of kind %q", host, got, d.Kind)
			}
		case DomainCustomer:
			if got != classOther && got != classNone {
				t.Errorf("%s is of class %q, but its domain is for customers' resources", host, got)
			}
		case DomainShared:
			if got != classNone {
				t.Errorf("%s is of class %q, but not all hosts of its domain are AWS's", host, got)
			}
		case DomainEndpoint, DomainInterfaceEndpoint, DomainConsole:
			t.Errorf("%s is of kind %q", d.Name, d.Kind)
		}
	}
}
