// Package mask hides what identifies somebody while others look at the screen: account
// IDs, ARNs, IDs of VPC resources, host names except the parts that AWS publishes,
// addresses except AWS's own, e-mail addresses, and names of IAM users and roles if a text
// identifies them as such. It is better to mask too much than too little.
//
// A [Masker] recognises most of it by its form. What has no form, such as a host called
// "wiki", it learns from the flows ([Masker.Learn]) and then finds in any text. What is masked
// gets a name from the run's table, such as host-1; asterisks stand for what has none, such as
// a word that is being typed.
package mask
