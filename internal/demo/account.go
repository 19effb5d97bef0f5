package demo

import (
	"bytes"
	"embed"

	"detour/internal/account"
)

//go:embed account/*.json
var accountFiles embed.FS

// Account is the configuration of the simulated account, as the files that the AWS CLI would
// write. In a healthy one, the security group of the endpoints also admits this machine.
func Account(healthy bool) ([]account.File, error) {
	entries, err := accountFiles.ReadDir("account")
	if err != nil {
		return nil, err
	}
	var out []account.File
	for _, e := range entries {
		data, err := accountFiles.ReadFile("account/" + e.Name())
		if err != nil {
			return nil, err
		}
		if healthy {
			data = bytes.ReplaceAll(data, []byte(`"CidrIp": "10.0.0.0/16"`), []byte(`"CidrIp": "0.0.0.0/0"`))
		}
		out = append(out, account.File{Name: e.Name(), Data: data})
	}
	return out, nil
}
