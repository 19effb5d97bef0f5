package main

import (
	"io"
	"os"

	"github.com/spf13/pflag"

	"detour/internal/aws"
)

// maxEndpointServices is the size limit of the list; AWS's has 0.5 MB per Region.
const maxEndpointServices = 32 << 20

// endpointServiceOptions are the flags that override detour's built-in lists of AWS.
type endpointServiceOptions struct{ endpointServices string }

func (o *endpointServiceOptions) registerEndpointServices(f *pflag.FlagSet) {
	f.StringVar(&o.endpointServices, "endpoint-services", "",
		"`file` with the output of aws ec2 describe-vpc-endpoint-services, "+
			"or with the console's private access configuration; it overrides detour's built-in list")
}

// tables loads detour's lists of AWS, with the user's own.
func (o *endpointServiceOptions) tables() (*aws.Tables, error) {
	t, err := aws.Load()
	if err != nil || o.endpointServices == "" {
		return t, err
	}
	const hint = "aws ec2 describe-vpc-endpoint-services --output json > FILE"
	f, err := os.Open(o.endpointServices)
	if err != nil {
		return nil, flagUsage("endpoint-services", hint, "--endpoint-services: %w", err)
	}
	defer f.Close()
	list, err := io.ReadAll(io.LimitReader(f, maxEndpointServices+1))
	if err != nil {
		return nil, flagUsage("endpoint-services", hint, "--endpoint-services: %w", err)
	}
	if len(list) > maxEndpointServices {
		return nil, flagUsage("endpoint-services", hint,
			"--endpoint-services: %s is longer than %d MB", o.endpointServices, maxEndpointServices>>20)
	}
	with, names, err := t.WithEndpointServices(list)
	if err != nil {
		return nil, flagUsage("endpoint-services", hint, "--endpoint-services: %s: %w", o.endpointServices, err)
	}
	if names == 0 {
		return nil, flagUsage("endpoint-services", hint, "--endpoint-services: %s has no private DNS names", o.endpointServices)
	}
	return with, nil
}
