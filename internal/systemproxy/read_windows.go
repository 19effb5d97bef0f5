package systemproxy

import (
	"context"

	"golang.org/x/sys/windows/registry"
)

const (
	settingsKey = `Software\Microsoft\Windows\CurrentVersion\Internet Settings`
	policiesKey = `Software\Policies\Microsoft\Windows\CurrentVersion\Internet Settings`
)

// Read reads the settings of this machine. With the policy ProxySettingsPerUser 0, the
// machine's count for everybody.
func Read(context.Context) Settings {
	machine := values(registry.LOCAL_MACHINE, policiesKey)
	root := registry.CURRENT_USER
	if perUser, ok := machine["ProxySettingsPerUser"].(uint64); ok && perUser == 0 {
		root = registry.LOCAL_MACHINE
	}
	connections, _ := values(root, settingsKey+`\Connections`)["DefaultConnectionSettings"].([]byte)
	return fromRegistry(connections, machine, values(registry.CURRENT_USER, policiesKey), values(root, settingsKey))
}

// values reads a key; nil if it can't be read, as one that doesn't exist.
func values(root registry.Key, path string) Values {
	k, err := registry.OpenKey(root, path, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer k.Close()
	names, _ := k.ReadValueNames(1000) // at the end of the list there is an error
	out := make(Values)
	for _, name := range names {
		if text, _, err := k.GetStringValue(name); err == nil {
			out[name] = text
		} else if n, _, err := k.GetIntegerValue(name); err == nil {
			out[name] = n
		} else if b, _, err := k.GetBinaryValue(name); err == nil {
			out[name] = b
		}
	}
	return out
}
