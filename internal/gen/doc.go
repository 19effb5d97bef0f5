// Package gen makes the tables and test vectors that come from the AWS API
// models. It is a module of its own, so that who builds the product needs none
// of the 36 MB in which the models come.
//
//	cd internal/gen && go generate
package gen

//go:generate sh -c "go run ./operations >operations.new && mv operations.new ../aws/data/models/operations.tsv"
//go:generate sh -c "cd requests && sh services.sh"
//go:generate sh -c "go run ./requests >requests.new && gzip -9n requests.new && mv requests.new.gz ../aws/testdata/sdk_requests.tsv.gz"
