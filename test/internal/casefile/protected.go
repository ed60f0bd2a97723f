package casefile

import "strings"

// protective keys refuse requests; what they refuse must never reach a backend, whatever is reported.
var protective = []string{
	"auth-", "satisfy", "whitelist-source-range", "allowlist-source-range", "denylist-source-range",
	"global-auth-", "enable-global-auth", "block-", "no-auth-locations",
}

// Protected tells whether a case is about something that refuses requests.
func Protected(c *Case) bool {
	for _, cover := range c.Covers {
		name := cover[strings.LastIndexByte(cover, '/')+1:]
		for _, p := range protective {
			if strings.HasPrefix(name, p) && !strings.HasPrefix(cover, "spec/") {
				return true
			}
		}
	}
	return false
}
