package nginx

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func TestNetworksAreWrittenInOneForm(t *testing.T) {
	for name, c := range map[string]struct{ in, want []string }{
		"host bits are cut":               {[]string{"10.1.2.3/8"}, []string{"10.0.0.0/8"}},
		"an address is a network":         {[]string{"192.0.2.7", "2001:db8::1"}, []string{"192.0.2.7/32", "2001:db8::1/128"}},
		"the same network counts once":    {[]string{"10.0.0.0/8", "10.9.9.9/8"}, []string{"10.0.0.0/8"}},
		"a mapped address is an IPv4 one": {[]string{"::ffff:192.0.2.7"}, []string{"192.0.2.7/32"}},
		"the order stays":                 {[]string{"192.0.2.0/24", "10.0.0.0/8"}, []string{"192.0.2.0/24", "10.0.0.0/8"}},
		"rubbish is left out":             {[]string{"office", "10.0.0.0/40"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, canonicalCIDRs(c.in)); diff != "" {
				t.Errorf("networks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPasswordFiles(t *testing.T) {
	const sha, wonder = "w3QkzGJswDXW5OKZHAJw0FELjfM=", "{SHA}w3QkzGJswDXW5OKZHAJw0FELjfM="
	for name, c := range map[string]struct {
		lines                 []string
		users                 []model.User
		locked, forTheService int
	}{
		"a SHA-1 hash is taken over":                {[]string{"alice:" + wonder}, []model.User{{Name: "alice", SHA1: sha}}, 0, 0},
		"a plain password becomes a hash":           {[]string{"alice:{PLAIN}wonder"}, []model.User{{Name: "alice", SHA1: sha}}, 0, 0},
		"other hashes lock the user":                {[]string{"bob:$apr1$abcdefgh$M2T3erDstkD7SsE2QQnfH0", "eve:$2y$05$abc", "tom:{SSHA}abc", "kim:crypt"}, nil, 4, 3},
		"the first line of a user counts":           {[]string{"bob:$2y$05$abc", "bob:" + wonder}, nil, 1, 1},
		"a second colon ends the hash":              {[]string{"alice:" + wonder + ":comment"}, []model.User{{Name: "alice", SHA1: sha}}, 0, 0},
		"line ends of other systems are cut":        {[]string{"alice:" + wonder + "\r"}, []model.User{{Name: "alice", SHA1: sha}}, 0, 0},
		"comments and nameless lines count nothing": {[]string{"", "#alice:" + wonder, ":" + wonder, "nothing"}, nil, 0, 0},
		"a hash of another length locks the user":   {[]string{"alice:{SHA}AAAA", "bob:{SHA}" + sha + "=", "eve:{SHA}w3QkzGJswDXW5OKZHAJw0FELj\rfM="}, nil, 3, 0},
		"a name that is no text locks the user":     {[]string{"\xff:" + wonder, "a\x00b:" + wonder}, nil, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			got := parseUsers(c.lines)
			if diff := cmp.Diff(c.users, got.open); diff != "" || got.locked != c.locked || got.forService != c.forTheService {
				t.Errorf("%d locked, %d of them for the service, want %d and %d; users (-want +got):\n%s", got.locked, got.forService, c.locked, c.forTheService, diff)
			}
		})
	}
}

func TestEntriesOfMaps(t *testing.T) {
	for name, c := range map[string]struct {
		entry    string
		matches  []string
		misses   []string
		unusable bool
	}{
		"plain text is the whole value, whatever its case":   {"BadBot/2.0", []string{"BadBot/2.0", "badbot/2.0"}, []string{"BadBot/2.0 x", "BadBot/2x0"}, false},
		"a tilde begins a pattern that is searched anywhere": {"~Bot", []string{"a Bot b", "line\nBot"}, []string{"bot"}, false},
		"an asterisk behind it ignores case":                 {"~*bot", []string{"BOT", "xbotx"}, []string{"bat"}, false},
		"anchors hold":                                       {"~^curl/", []string{"curl/8"}, []string{"libcurl/8"}, false},
		"alternatives are one pattern":                       {"~a|b", []string{"xa", "bx"}, []string{"c"}, false},
		"a backslash makes a tilde plain":                    {`\~x`, []string{"~x"}, []string{"x"}, false},
		"a look-ahead cannot be written":                     {"~(?!Good)Bot", nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			re, err := mapPattern(c.entry)
			if (err != nil) != c.unusable {
				t.Fatalf("error %v, want one: %v", err, c.unusable)
			}
			if c.unusable {
				return
			}
			whole := regexp.MustCompile("^(?:" + re + ")$")
			for _, v := range c.matches {
				if !whole.MatchString(v) {
					t.Errorf("%s does not match %q", re, v)
				}
			}
			for _, v := range c.misses {
				if whole.MatchString(v) {
					t.Errorf("%s matches %q", re, v)
				}
			}
		})
	}
}
