// Package gen generates the tables and test vectors that are made from the AWS API
// models. It is a separate module, so building detour doesn't need the models, which are
// 36 MB.
//
//	cd internal/gen && go generate
package gen

//go:generate sh -c "go run ./operations >operations.new && mv operations.new ../aws/data/models/operations.tsv"
//go:generate sh -c "cd requests && sh services.sh"
//go:generate sh -c "go run ./requests >requests.new && gzip -9n requests.new && mv requests.new.gz ../aws/testdata/sdk_requests.tsv.gz"
