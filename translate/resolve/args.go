package resolve

import "strings"

// Args parses a controller's command line: --name=value, --name value, and bare switches, which get the value "true".
// Words before the first flag (the program's name) are ignored.
func Args(words []string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(words); i++ {
		w, ok := strings.CutPrefix(words[i], "-")
		if !ok {
			continue
		}
		w = strings.TrimPrefix(w, "-")
		name, value, has := strings.Cut(w, "=")
		if !has {
			value = "true"
			if i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
				i++
				value = words[i]
			}
		}
		if name != "" {
			m[name] = value
		}
	}
	return m
}
