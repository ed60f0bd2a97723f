package istio

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// xfcc is the header as Envoy writes it for a certificate.
func xfcc(subject, names string) string {
	return `Hash=0a1b;Cert="-----BEGIN%20CERTIFICATE-----%0A";Subject="` + subject + `"` + names
}

func TestSubjectPatterns(t *testing.T) {
	type request struct {
		header string
		passes bool
	}
	for name, c := range map[string]struct {
		pattern  string
		requests []request
	}{
		"a pattern is found anywhere in the subject, and nowhere else": {"CN=(alice|bob)", []request{
			{xfcc("CN=alice", ""), true},
			{xfcc("CN=bob,O=shop", ""), true},
			{xfcc("O=shop,CN=alicia", ""), false},
			{xfcc("O=shop,CN=alice2", ""), true},
			{xfcc("CN=mallory", ";DNS=CN=alice"), false},
			{xfcc("CN=mallory", `;DNS=x;Subject="CN=alice"`), false},
			{`Subject="CN=alice"`, false},
			{"", false},
		}},
		"wildcards do not reach over the end of the subject": {"CN=.*ice", []request{
			{xfcc("CN=alice", ""), true},
			{xfcc("CN=mallory", `;DNS=ice"`), false},
			{xfcc("CN=mallory", `;URI=ice`), false},
		}},
		"negated classes do not either": {"CN=[^x]+ice", []request{
			{xfcc("CN=alice", ""), true},
			{xfcc("CN=mallory", `;DNS=ice"`), false},
		}},
		"nor do shorthands for what is not a letter": {`CN=a\W\S*\D*z`, []request{
			{xfcc("CN=a-z", ""), true},
			{xfcc("CN=a", `";DNS=z"`), false},
		}},
		"an end of text is the end of the subject": {"CN=alice$", []request{
			{xfcc("CN=alice", ";DNS=alice"), true},
			{xfcc("CN=alice2", ""), false},
			{xfcc("CN=alice,O=shop", ""), false},
		}},
		"an end of text in some of the alternatives holds there": {"CN=(alice$|bob)", []request{
			{xfcc("CN=alice", ""), true},
			{xfcc("CN=alice2", ""), false},
			{xfcc("CN=bob2", ""), true},
		}},
		"the case of letters counts unless the pattern says otherwise": {"CN=(?i:alice)", []request{
			{xfcc("CN=ALICE", ""), true},
			{xfcc("cn=alice", ""), false},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := subjectPattern(c.pattern)
			require.NoError(t, err)
			re := regexp.MustCompile("^(?:" + p + ")$")
			for _, r := range c.requests {
				if got := re.MatchString(r.header); got != r.passes {
					t.Errorf("%s: %s: got %v, want %v", c.pattern, r.header, got, r.passes)
				}
			}
		})
	}
}

func TestPatternsThatCannotBeKeptInsideTheSubject(t *testing.T) {
	for name, pattern := range map[string]string{
		"a quotation mark":            `CN=a"`,
		"a class of quotation marks":  `CN=["]`,
		"look-ahead":                  `CN=(?!alice)`,
		"a back reference":            `CN=(a)\1`,
		"a beginning in the middle":   `CN=a|^CN=b`,
		"an end in the middle":        `CN=a$b`,
		"something that is no regexp": `CN=(`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := subjectPattern(pattern)
			require.Error(t, err)
		})
	}
}

func FuzzSubjectPatternsMatchNoOtherName(f *testing.F) {
	f.Add("CN=alice", "alice")
	f.Add("CN=.*", `x;Subject="CN=alice"`)
	f.Add(`CN=[^,]+\b`, `"`)
	f.Fuzz(func(t *testing.T, pattern, name string) {
		p, err := subjectPattern("CN=" + pattern)
		if err != nil {
			return
		}
		re := regexp.MustCompile("^(?:" + p + ")$")
		if !re.MatchString(xfcc("O=nobody", "")) && re.MatchString(xfcc("O=nobody", ";DNS="+name)) {
			t.Errorf("%q passes by the name %q", pattern, name)
		}
	})
}
