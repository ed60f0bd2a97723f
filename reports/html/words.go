package html

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

func functions() template.FuncMap {
	return template.FuncMap{
		"last": func(i int, list []finding.Class) bool { return i == len(list)-1 },
		"num":  num, "plural": plural, "effort": effort, "show": show,
		"stateTitle": func(s reports.State) string { return stateWords(s).title },
		"classHint":  func(c finding.Class) string { return classWords(c).hint }, "classMeaning": func(c finding.Class) string { return classWords(c).meaning },
	}
}

// num writes a number with a comma between thousands.
func num(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

const dayMinutes = 8 * 60

// effort writes minutes as people plan them: minutes, hours, days of eight hours.
func effort(minutes int) string {
	switch {
	case minutes == 0:
		return "none"
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 2*dayMinutes:
		return trimmed(float64(minutes)/60) + " h"
	case minutes < 10*dayMinutes:
		return trimmed(float64(minutes)/dayMinutes) + " days"
	}
	return num((minutes+dayMinutes/2)/dayMinutes) + " days"
}

func trimmed(f float64) string { return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0") }

// textLength is how much of one text of the input is shown in lists.
const textLength = 600

// show makes a text of the input one printable line.
func show(s string) string { return reports.Clean(s, textLength) }

type words struct{ title, hint, meaning string }

func stateWords(s reports.State) words {
	switch s {
	case reports.Ready:
		return words{"Ready", "move as they are", "Behaves as before: nothing has to be decided."}
	case reports.Differs:
		return words{"Differs", "move, with named differences", "Moves, and behaves a little differently. Its findings name the differences: read them and accept them."}
	case reports.ByHand:
		return words{"Work", "need work by hand", "Something was not carried over. Its findings say what has to be done by hand."}
	case reports.Blocked:
		return words{"Blocked", "closed until somebody acts", "A route is closed or not served, because what protects it could not be carried over, or a value breaks it."}
	case reports.Skipped:
		return words{"Skipped", "another controller's", "Belongs to another controller: nothing is written for it."}
	}
	return words{"Failed", "not served before either", "Cannot be read, or the controller does not serve it either."}
}

func classWords(c finding.Class) words {
	switch c {
	case finding.Exact:
		return words{"", "as before", "Translated: same behaviour, request by request."}
	case finding.Noop:
		return words{"", "nothing to write", "Nothing has to be written: it has no effect, or the gateway behaves so anyway."}
	case finding.Approximate:
		return words{"", "differs a little", "Translated; the finding names what differs."}
	case finding.Unknown:
		return words{"", "not known", "Not a key or value that the controller knows."}
	case finding.Invalid:
		return words{"", "not a valid value", "The controller refuses the value; the consequence that this has there is imitated."}
	case finding.Manual:
		return words{"", "by hand", "Cannot be carried over; the finding says what to do."}
	case finding.Refused:
		return words{"", "not carried over", "Raw configuration that must not be carried over."}
	}
	return words{}
}
