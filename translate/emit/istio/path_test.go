package istio

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

func matchTexts(ms []*networking.StringMatch) []string {
	var out []string
	for _, m := range ms {
		switch m := m.MatchType.(type) {
		case *networking.StringMatch_Exact:
			out = append(out, "exact "+m.Exact)
		case *networking.StringMatch_Prefix:
			out = append(out, "prefix "+m.Prefix)
		case *networking.StringMatch_Regex:
			out = append(out, "regex "+m.Regex)
		}
	}
	return out
}

func TestPathsBecomeStringMatches(t *testing.T) {
	for name, c := range map[string]struct {
		path model.Path
		want []string
	}{
		"every path needs no match":                      {model.AnyPath{}, nil},
		"no path needs no match":                         {nil, nil},
		"a path is exact":                                {model.ExactPath("/foo"), []string{"exact /foo"}},
		"the root keeps two slashes":                     {model.ExactPath("/"), []string{"exact /", "exact //"}},
		"a segment and what is below":                    {model.SegmentPrefix("/foo"), []string{"exact /foo", "prefix /foo/"}},
		"the root segment is every path":                 {model.SegmentPrefix(""), nil},
		"only what is below":                             {model.BelowPrefix("/foo/"), []string{"prefix /foo/"}},
		"below the root is every path":                   {model.BelowPrefix("/"), nil},
		"a pattern stays":                                {model.RegexPath("(?i)/a.*"), []string{"regex (?i)/a.*"}},
		"reserved characters have two spellings":         {model.ExactPath("/job:run"), []string{"regex /job(?::|%3[Aa])run"}},
		"other characters have the encoded one":          {model.BelowPrefix("/café/"), []string{"regex /caf%[Cc]3%[Aa]9/.*"}},
		"a segment with spellings is one pattern":        {model.SegmentPrefix("/a.b c"), []string{`regex /a\.b%20c(?:/.*)?`}},
		"a percent sign is a character":                  {model.ExactPath("/100%"), []string{"regex /100%25"}},
		"characters of patterns are quoted":              {model.ExactPath("/a+(b)"), []string{`regex /a(?:\+|%2[Bb])(?:\(|%28)b(?:\)|%29)`}},
		"what looks like a pattern is text if it is not": {model.ExactPath("/[a-z]"), []string{`regex /(?:\[|%5[Bb])a-z(?:\]|%5[Dd])`}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, matchTexts(stringMatches(c.path))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWildcardAuthority(t *testing.T) {
	re := wildcardAuthority("*.shop.test")
	if diff := cmp.Diff(`(?i)[a-z0-9_-]+\.shop\.test(:[0-9]+)?`, re); diff != "" {
		t.Error(diff)
	}
	whole := regexp.MustCompile("^(?:" + re + ")$")
	for host, want := range map[string]bool{
		"a.shop.test": true, "A_b-1.SHOP.test:8080": true, "a.b.shop.test": false, ".shop.test": false, "ashop.test": false,
		"a.shopxtest": false, "a.shop.test:": false, "shop.test": false,
	} {
		if diff := cmp.Diff(want, whole.MatchString(host)); diff != "" {
			t.Errorf("%s: %s", host, diff)
		}
	}
}

// FuzzEncodedLiteral makes sure that a literal matches all its own spellings, and nothing that is longer.
func FuzzEncodedLiteral(f *testing.F) {
	for _, s := range []string{"/a", "/job:run", "/café", "/a%b", "/[x]", "/\xff\x00"} {
		f.Add(s, uint64(5))
	}
	f.Fuzz(func(t *testing.T, s string, choice uint64) {
		re, err := regexp.Compile("^(?:" + encodedLiteral(s) + ")$")
		require.NoError(t, err)
		var b strings.Builder
		for i := range len(s) {
			bit := choice >> (i % 64) & 1
			switch c := s[i]; {
			case unreserved(c) || c == '/' || bit == 0 && strings.IndexByte("!$&'()*+,;=:@[]", c) >= 0:
				b.WriteByte(c)
			case choice>>((i+3)%64)&1 == 0:
				fmt.Fprintf(&b, "%%%02x", c)
			default:
				fmt.Fprintf(&b, "%%%02X", c)
			}
		}
		if !re.MatchString(b.String()) || re.MatchString(b.String()+"x") || re.MatchString("/x"+b.String()) {
			t.Errorf("%s for %q", re, b.String())
		}
	})
}
