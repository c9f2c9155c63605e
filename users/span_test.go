package users

import (
	"reflect"
	"testing"
)

// Of spans there are as many as users: one more word is 16 bytes more for each, the next
// size in which memory is given out.
func TestASpanIsSmall(t *testing.T) {
	if size := reflect.TypeFor[span]().Size(); size > 144 {
		t.Errorf("a span has %d bytes", size)
	}
}
