package authorizer

import (
	"crypto/subtle"
	"regexp"
	"strconv"
	"strings"

	"github.com/tg123/go-htpasswd"
)

// hash is an entry of a password file.
type hash struct {
	htpasswd.EncodedPasswd
	cost int // how long a check takes, compared with other entries
}

// form is a way of writing password hashes.
type form struct {
	// shape admits what the library computes as crypt(3) does, and what does not take longer than a gateway waits.
	shape *regexp.Regexp
	parse htpasswd.PasswdParser
	cost  int
}

// forms lists what is understood, the quickest first. Costs of bcrypt beyond 14 and of SHA-crypt beyond 99999 rounds are
// refused: the authorizer serves many teams, and one entry must not keep it busy.
func forms() []form {
	return []form{
		{regexp.MustCompile(`^\{PLAIN\}`), parsePlain, 0},
		{regexp.MustCompile(`^\{SHA\}`), htpasswd.AcceptSha, 0},
		{regexp.MustCompile(`^\{SSHA\}`), htpasswd.AcceptSsha, 0},
		{regexp.MustCompile(`^\$(apr1|1)\$[^$:]{0,8}\$[./0-9A-Za-z]{22}$`), htpasswd.AcceptMd5, 1},
		{regexp.MustCompile(`^\$5\$(rounds=[1-9][0-9]{3,4}\$)?[^$:]{1,16}\$[./0-9A-Za-z]{43}$`), htpasswd.AcceptCryptSha, 2},
		{regexp.MustCompile(`^\$6\$(rounds=[1-9][0-9]{3,4}\$)?[^$:]{1,16}\$[./0-9A-Za-z]{86}$`), htpasswd.AcceptCryptSha, 2},
		{regexp.MustCompile(`^\$2[aby]\$(0[4-9]|1[0-4])\$[./0-9A-Za-z]{53}$`), htpasswd.AcceptBcrypt, 3},
	}
}

// parseHash reads an entry; the second result tells whether it is understood.
func parseHash(forms []form, s string) (hash, bool) {
	for _, f := range forms {
		if !f.shape.MatchString(s) {
			continue
		}
		p, err := f.parse(s)
		if err != nil || p == nil {
			return hash{}, false
		}
		return hash{p, f.cost + strength(s)}, true
	}
	return hash{}, false
}

// strength orders entries of one form by the work that they ask for.
func strength(s string) int {
	parts := strings.SplitN(s, "$", 4)
	if len(parts) < 4 || !strings.HasPrefix(parts[1], "2") {
		return 0
	}
	n, err := strconv.Atoi(parts[2])
	if err != nil {
		return 0
	}
	return n
}

// plain is a password that is written down.
type plain string

func parsePlain(s string) (htpasswd.EncodedPasswd, error) {
	return plain(strings.TrimPrefix(s, "{PLAIN}")), nil
}

// MatchesPassword compares without telling by its duration where the difference is.
func (p plain) MatchesPassword(pw string) bool {
	return subtle.ConstantTimeCompare([]byte(p), []byte(pw)) == 1
}
