// Package har reads and writes HTTP Archives (HAR 1.2,
// w3c.github.io/web-performance/specs/HAR). [Decode] reads what browsers and proxies
// export, in their dialects; [Encode] writes a file that all of them read.
//
// What a HAR doesn't say stays absent: it has no nameserver, at most one address, and
// often no address for a connect that failed.
package har
