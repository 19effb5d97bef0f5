package mask

import (
	"bytes"
	"slices"
)

// uniqueIDs are how IDs begin that IAM gives to people, roles and keys.
var uniqueIDs = []string{"AROA", "AIDA", "AGPA", "AIPA", "ANPA", "ANVA", "ASIA", "AKIA", "APKA", "ASCA", "ABIA", "ACCA"}

func isUniqueID(word []byte) bool {
	if len(word) < 11 || !slices.Contains(uniqueIDs, string(word[:4])) {
		return false
	}
	for _, c := range word[:11] {
		if !isDigit(c) && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// resources are how IDs of directories, and of what is in a VPC, begin.
var resources = []string{"vpce", "vpc", "subnet", "eni", "sg", "rtb", "igw", "nat", "tgw", "i", "d"}

// isResource reports whether a label is the ID of something in a VPC, or an instance's name
// made of its address: "vpce-0abc1234def56789a", "ip-10-0-1-23".
func isResource(label []byte) bool {
	kind, rest, ok := bytes.Cut(label, []byte("-"))
	if !ok {
		return false
	}
	if string(bytes.ToLower(kind)) == "ip" {
		a, _, ok := parseIPv4(bytes.ReplaceAll(rest, []byte("-"), []byte(".")))
		return ok && a.IsValid() && len(bytes.Trim(rest, "0123456789-")) == 0
	}
	id, _, _ := bytes.Cut(rest, []byte("-"))
	if len(id) < 8 || len(id) > 17 || !slices.Contains(resources, string(kind)) {
		return false
	}
	for _, c := range id {
		if !isHex(c) {
			return false
		}
	}
	return true
}
