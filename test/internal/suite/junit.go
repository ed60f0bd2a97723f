package suite

import (
	"encoding/xml"
	"os"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/runner"
)

// The parts of a JUnit file that readers agree on.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     float64     `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string       `xml:"name,attr"`
		Class   string       `xml:"classname,attr"`
		Time    float64      `xml:"time,attr"`
		Failure *junitDetail `xml:"failure"`
		Error   *junitDetail `xml:"error"`
		Skipped *junitDetail `xml:"skipped"`
		Output  string       `xml:"system-out,omitempty"`
	}
	junitDetail struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes one suite a feature.
func (s *Summary) WriteJUnit(path string) error {
	byFeature := map[string]*junitSuite{}
	var names []string
	for _, r := range s.Results {
		suite := byFeature[r.Feature]
		if suite == nil {
			suite = &junitSuite{Name: s.Mode + ": " + r.Feature}
			byFeature[r.Feature] = suite
			names = append(names, r.Feature)
		}
		suite.add(r)
	}
	slices.Sort(names)
	var doc junitSuites
	for _, n := range names {
		doc.Suites = append(doc.Suites, *byFeature[n])
	}
	text, err := xml.MarshalIndent(doc, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append([]byte(xml.Header), append(text, '\n')...), 0o644)
}

func (u *junitSuite) add(r *runner.Result) {
	c := junitCase{Name: r.Name, Class: r.Feature, Time: r.Seconds, Output: strings.Join(r.Notes, "\n")}
	detail := &junitDetail{Message: string(r.State), Text: strings.Join(r.Problems, "\n")}
	switch r.State {
	case runner.Fail, runner.Silent:
		c.Failure = detail
		u.Failures++
	case runner.Broken:
		c.Error = detail
		u.Errors++
	case runner.Skipped, runner.NotRun:
		c.Skipped = detail
		u.Skipped++
	}
	u.Tests++
	u.Time += r.Seconds
	u.Cases = append(u.Cases, c)
}
