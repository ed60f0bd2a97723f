package nginx

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestTimes(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"60": time.Minute, "60s": time.Minute, "0": 0, "500ms": 500 * time.Millisecond, "1h 30m": 90 * time.Minute, "1h30m": 90 * time.Minute,
		"1d": 24 * time.Hour, "1w": 168 * time.Hour, "1M": 720 * time.Hour, "1y": 8760 * time.Hour, "1m 5": 65 * time.Second, "1s500ms": 1500 * time.Millisecond,
	} {
		got, err := parseTime(text)
		require.NoError(t, err, text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
	for _, text := range []string{"", "s", "-1", "1x", "1s1m", "1s1s", "1 1", "1.5s", "99999999999999999999", "300y", "200y 200w9999999d", " 1", "1S", "ms"} {
		if got, err := parseTime(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func FuzzTimes(f *testing.F) {
	for _, s := range []string{"1h 30m", "5ms", "1y1M1w1d1h1m1s1ms"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := parseTime(s); err == nil && d < 0 {
			t.Errorf("%q is %v", s, d)
		}
	})
}
