package mask

import (
	"slices"
	"sync"

	"detour/internal/aws"
)

// awsNames are AWS's names, as a run has them.
var awsNames = sync.OnceValue(func() Names {
	tables, err := aws.Load()
	if err != nil {
		panic(err)
	}
	n := Names{EndpointServices: tables.EndpointServicePrefixes()}
	for _, d := range tables.Domains() {
		n.Domains = append(n.Domains, Domain{
			Name: d.Name, Services: d.ServiceLabels, SignIn: d.Kind == aws.DomainSignIn, Console: d.Kind == aws.DomainConsole,
			Commercial: d.Kind != aws.DomainCustomer && slices.Contains(d.Partitions, "aws"),
		})
	}
	return n
})
