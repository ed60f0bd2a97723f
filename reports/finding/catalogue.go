package finding

import "strings"

// Code names a kind of finding: I2G and four digits. Codes are stable; a code that is retired is never given out again.
//
// 1xxx input and selection, 2xxx annotations and settings, 3xxx what the target cannot express, 4xxx protections, 5xxx
// certificates and hosts, 6xxx what the platform has to do, 9xxx our own bugs.
type Code string

// Layer is a part of the codes, by their first digit.
type Layer struct{ Digit, Page, Title string }

// Layers lists the parts. Page is the name of the documentation page that describes their codes.
func Layers() []Layer {
	return []Layer{
		{"1", "input", "Input and selection"},
		{"2", "annotations", "Annotations and settings"},
		{"3", "target", "What Istio cannot express"},
		{"4", "protections", "Protections"},
		{"5", "certificates", "Certificates and hosts"},
		{"6", "platform", "What the platform has to do"},
		{"9", "bugs", "Bugs of ingress2gw"},
	}
}

// In tells whether a code is of the layer.
func (l Layer) In(c Code) bool { return strings.HasPrefix(string(c), "I2G"+l.Digit) }

// Page is the name of the documentation page that describes the code.
func (c Code) Page() string {
	for _, l := range Layers() {
		if l.In(c) {
			return l.Page
		}
	}
	return ""
}

// Entry describes a code.
type Entry struct {
	Code       Code
	Name       string // CamelCase, for documentation pages
	Severity   Severity
	Class      Class  // the class such a finding gives to the value it is about; "" if it is not about a value
	Protective bool   // something that protected a route was withheld or lost: blocks, unless waived
	Message    string // %s are filled by the finding's arguments
	Advice     string // what to do
}

// byNumber are the entries by the digits of their codes: every finding asks for one.
var byNumber = index(Catalogue)

func index(all []Entry) *[10000]*Entry {
	var t [10000]*Entry
	for i := range all {
		n, _ := all[i].Code.number()
		t[n] = &all[i]
	}
	return &t
}

// number is what the digits of a code say, and whether it is formed like a code.
func (c Code) number() (n int, ok bool) {
	digits, ok := strings.CutPrefix(string(c), "I2G")
	if !ok || len(digits) != 4 {
		return 0, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		n = 10*n + int(digits[i]-'0')
	}
	return n, true
}

func (c Code) entry() *Entry {
	if n, ok := c.number(); ok {
		return byNumber[n]
	}
	return nil
}

// Entry returns the code's description. A code that is not in the catalogue is our bug and is described as such.
func (c Code) Entry() *Entry {
	if e := c.entry(); e != nil {
		return e
	}
	return &Entry{Code: c, Name: "Uncatalogued", Severity: Error, Message: "code " + string(c) + " is not in the catalogue: %s", Advice: "Please report this."}
}

// Known tells whether the code is in the catalogue.
func (c Code) Known() bool { return c.entry() != nil }
