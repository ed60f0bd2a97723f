package annotations

import (
	"slices"

	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Settings are the controller's settings: the data of its ConfigMap, and its command-line flags.
type Settings struct {
	Object *finding.Object // the ConfigMap; nil if none was given
	Values map[string]string
	Lines  map[string]int
	Flags  map[string]string // by name without leading hyphens; "true" for a bare switch

	reported map[string]bool
}

// Get gives a ConfigMap value that is not empty.
func (s *Settings) Get(name string) (string, bool) {
	if s == nil {
		return "", false
	}
	v := trimLines(s.Values[name])
	return v, v != ""
}

// Flag gives a command-line flag.
func (s *Settings) Flag(name string) (string, bool) {
	if s == nil {
		return "", false
	}
	v, ok := s.Flags[name]
	return v, ok
}

// Origin is the place of a ConfigMap key.
func (s *Settings) Origin(name string) finding.Origin {
	return finding.Origin{Object: s.Object, Field: name, Line: s.Lines[name]}
}

// FlagOrigin is the place of a flag.
func (s *Settings) FlagOrigin(name string) finding.Origin { return finding.Origin{Field: "--" + name} }

// report says once per setting what becomes of it.
func (s *Settings) report(e *Edge, c finding.Class, name, text string) {
	if s.reported[name+"\x00"+text] {
		return
	}
	if s.reported == nil {
		s.reported = map[string]bool{}
	}
	s.reported[name], s.reported[name+"\x00"+text] = true, true
	code := finding.SettingManual
	switch c {
	case finding.Exact:
		code = finding.SettingExact
	case finding.Noop:
		code = finding.SettingNoop
	case finding.Approximate:
		code = finding.SettingApprox
	case finding.Refused:
		code = finding.SettingRefused
	}
	o := s.Origin(name)
	if _, ok := s.Values[name]; !ok {
		o = s.FlagOrigin(name)
	}
	e.Findings.Report(code, o, name, text)
}

// Setting says what becomes of a controller setting (ConfigMap key or flag name).
func (e *Edge) Setting(c finding.Class, name, text string) { e.Settings.report(e, c, name, text) }

// Corner says what differs in a corner of a controller setting that is translated without difference otherwise.
func (e *Edge) Corner(name, text string) {
	e.Findings.Report(finding.CornerCase, e.Settings.Origin(name), "controller setting "+name, text)
}

// SettingBool is SettingText for booleans.
func (e *Edge) SettingBool(name string) bool {
	b, _ := parseBool(e.SettingText(name))
	return b
}

// HasSetting tells whether the ConfigMap states a setting.
func (e *Edge) HasSetting(name string) bool {
	_, ok := e.Settings.Get(name)
	return ok
}

// SettingText is the value of a setting: ConfigMap, else the declared default.
func (e *Edge) SettingText(name string) string {
	d := e.setting(name)
	if v, ok := e.Settings.Get(name); ok {
		if d.Check != nil && d.Check(v) != nil {
			e.Findings.Report(finding.SettingInvalid, e.Settings.Origin(name), name, Quote(v), d.Check(v).Error())
			return d.Default
		}
		return v
	}
	return d.Default
}

func (e *Edge) setting(name string) *Setting {
	if s := e.settings[name]; s != nil {
		return s
	}
	panic("annotations: undeclared setting " + name)
}

// FlushSettings says of every setting that nobody reported what is declared about it.
func (e *Edge) FlushSettings() {
	s := e.Settings
	if s == nil {
		return
	}
	asDefault := map[string]*Key{}
	for _, k := range e.keys {
		if k.Setting != "" && (asDefault[k.Setting] == nil || k.Name < asDefault[k.Setting].Name) {
			asDefault[k.Setting] = k.Key
		}
	}
	names := make([]string, 0, len(s.Values)+len(s.Flags))
	for n := range s.Values {
		names = append(names, n)
	}
	for n := range s.Flags {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		if s.reported[n] {
			continue
		}
		d, v := e.settings[n], trimLines(s.Values[n])
		switch {
		case d != nil && d.Check != nil && v != "" && d.Check(v) != nil:
			e.Findings.Report(finding.SettingInvalid, s.Origin(n), n, Quote(v), d.Check(v).Error())
		case d != nil:
			s.report(e, d.Class, n, d.Note)
		case asDefault[n] != nil && asDefault[n].Check != nil && v != "" && asDefault[n].Check(v) != nil:
			e.Findings.Report(finding.SettingInvalid, s.Origin(n), n, Quote(v), asDefault[n].Check(v).Error())
		case asDefault[n] != nil:
			s.report(e, asDefault[n].Class, n, asDefault[n].Note)
		default:
			o := s.Origin(n)
			if _, ok := s.Values[n]; !ok {
				o = s.FlagOrigin(n)
			}
			e.Findings.Report(finding.SettingUnknown, o, n)
		}
	}
}
