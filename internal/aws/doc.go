// Package aws recognises AWS requests. [Tables.Tag] says which route a request takes
// (console-origin, direct-endpoint …) and on what evidence, which service and
// operation it calls, which interface endpoint would carry it in a VPC, and which error
// the response reports.
//
// The package is pure. Facts about AWS are in the tables in data/; the code has the order
// of decisions and the formats of requests.
package aws
