// Package mask hides what identifies somebody while others look at the screen: account
// IDs, ARNs, IDs of what is in a VPC, host names except the parts that AWS publishes,
// addresses except AWS's own, e-mail addresses, and names of IAM users and roles where a
// text says that they are some. It is better to mask too much than too little.
//
// A [Masker] recognises most of it by its form. What has no form, such as a host called
// "wiki", it learns from the flows ([Masker.Learn]) and then finds in any text. Each cell
// that is masked becomes an asterisk, so that nothing on the screen moves.
package mask
