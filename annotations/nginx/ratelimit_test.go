package nginx

import "testing"

func TestVariablesThatRequestsAreCountedBy(t *testing.T) {
	for variable, want := range map[string]struct {
		header string
		ok     bool
	}{
		"$binary_remote_addr":         {"", true},
		"${remote_addr}":              {"", true},
		"$http_x_api_key":             {"x-api-key", true},
		"$HTTP_Authorization":         {"authorization", true},
		"$http_x_forwarded_for":       {"", false},
		"$http_host":                  {"", false},
		"$server_name":                {"", false},
		"$binary_remote_addr$host":    {"", false},
		"binary_remote_addr":          {"", false},
		"$http_x_api_key$request_uri": {"", false},
		"$http_bad name":              {"", false},
	} {
		header, ok := limitedBy(variable)
		if ok != want.ok || ok && header != want.header {
			t.Errorf("%s: %q %v", variable, header, ok)
		}
	}
}
