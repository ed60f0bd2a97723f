package load
import ("testing";"math/rand";"strings")
func TestRnd(t *testing.T){ r:=rand.New(rand.NewSource(3)); ok,n:=0,0
for i:=0;i<3000000;i++{ k:=2+r.Intn(14); var b strings.Builder; for j:=0;j<k;j++{ b.WriteString(pieces[r.Intn(len(pieces))])}; b.WriteString("\n"); d:=b.String(); if strings.Contains(d,"\n---")||strings.Contains(d,"\n...")||strings.HasPrefix(d,"---")||strings.HasPrefix(d,"..."){continue}; n++; if requireSameTree(t,d){ok++}}
t.Log(ok,n)}
