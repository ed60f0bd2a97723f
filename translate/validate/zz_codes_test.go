package validate
import ("testing";"net/http")
func TestCodes(t *testing.T){ for i:=0;i<1000;i++{ if (http.StatusText(i)!="")!=statusCodes[i]{t.Error(i)}} }
