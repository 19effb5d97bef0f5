package upstream

// SchemeVariables are the variables that name the upstream proxy for a scheme.
type SchemeVariables struct {
	Scheme string
	Names  []string // the first that is set wins
}

// Variables returns the variables that name an upstream proxy.
func Variables() []SchemeVariables {
	return []SchemeVariables{
		{"https", []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}},
		{"http", []string{"http_proxy", "all_proxy", "ALL_PROXY"}},
	}
}

// FirstSet returns the first of names that the environment has, and its value; "" if
// it has none.
func FirstSet(env func(string) string, names []string) (name, value string) {
	for _, name := range names {
		if v := env(name); v != "" {
			return name, v
		}
	}
	return "", ""
}
