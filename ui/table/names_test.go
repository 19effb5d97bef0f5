package table

import (
	"slices"
	"sync"

	"detour/internal/aws"
	"detour/ui/mask"
)

// testDomains are AWS's, as a run has them.
var testDomains = sync.OnceValue(func() *Domains {
	tables, err := aws.Load()
	if err != nil {
		panic(err)
	}
	n := mask.Names{EndpointServices: tables.EndpointServicePrefixes()}
	for _, d := range tables.Domains() {
		n.Domains = append(n.Domains, mask.Domain{
			Name: d.Name, Services: d.ServiceLabels, SignIn: d.Kind == aws.DomainSignIn, Console: d.Kind == aws.DomainConsole,
			Commercial: d.Kind != aws.DomainCustomer && slices.Contains(d.Partitions, "aws"),
		})
	}
	return NewDomains(n.Domains)
})
