package resolver

import (
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestAnswer(t *testing.T) {
	s := &Server{}
	s.Set(map[string]string{"app.default.svc.cluster.local": "127.10.1.1"})
	tests := map[string]struct {
		name    string
		kind    dnsmessage.Type
		code    dnsmessage.RCode
		address [4]byte
	}{
		"a known name, whatever its case":        {"App.default.svc.cluster.local.", dnsmessage.TypeA, dnsmessage.RCodeSuccess, [4]byte{127, 10, 1, 1}},
		"a known name without IPv6":              {"app.default.svc.cluster.local.", dnsmessage.TypeAAAA, dnsmessage.RCodeSuccess, [4]byte{}},
		"an unknown name does not exist":         {"other.test.", dnsmessage.TypeA, dnsmessage.RCodeNameError, [4]byte{}},
		"a part of a known name does not either": {"default.svc.cluster.local.", dnsmessage.TypeA, dnsmessage.RCodeNameError, [4]byte{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			q := dnsmessage.Message{Header: dnsmessage.Header{ID: 7}, Questions: []dnsmessage.Question{{
				Name: dnsmessage.MustNewName(tt.name), Type: tt.kind, Class: dnsmessage.ClassINET,
			}}}
			packet, err := q.Pack()
			if err != nil {
				t.Fatal(err)
			}
			var got dnsmessage.Message
			if err := got.Unpack(s.answer(packet)); err != nil {
				t.Fatal(err)
			}
			if got.ID != 7 || !got.Response || got.RCode != tt.code {
				t.Errorf("got %+v", got.Header)
			}
			var address [4]byte
			for _, a := range got.Answers {
				address = a.Body.(*dnsmessage.AResource).A
			}
			if address != tt.address {
				t.Errorf("address %v, want %v", address, tt.address)
			}
		})
	}
	if s.answer([]byte{1, 2}) != nil {
		t.Error("an answer to what is no question")
	}
}
