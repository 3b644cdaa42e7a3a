// Receives callbacks and trusts only signed, recent ones. Start: CALLBACK_SECRET=whsec_… go run receiver.go
package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	limit     = 64 * 1024
	tolerance = 5 * time.Minute
)

var (
	// Of the two signatures, those whose key is given are checked.
	callbackSecret = os.Getenv("CALLBACK_SECRET")
	authToken      = os.Getenv("AUTH_TOKEN")
	base           = os.Getenv("PUBLIC_URL")
	// Processed callbacks. Store yours in your database, in the same transaction as the work.
	seen sync.Map
)

// webhook-signature: HMAC-SHA256 of id, time, and the body or, by GET, the query. Of several, one must match.
func isRecentAndGenuine(content string, header http.Header) bool {
	timestamp := header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || math.Abs(float64(time.Now().Unix()-seconds)) > tolerance.Seconds() {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(callbackSecret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(header.Get("webhook-id") + "." + timestamp + "." + content))
	for _, one := range strings.Split(header.Get("webhook-signature"), " ") {
		if strings.HasPrefix(one, "v1,") && isEqual(strings.TrimPrefix(one, "v1,"), mac.Sum(nil)) {
			return true
		}
	}
	return false
}

// X-Twilio-Signature: HMAC-SHA1 of the URL as called, and the form's names and values, sorted by name.
func isGenuine(called string, form url.Values, signature string) bool {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	sort.Strings(names)
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(called))
	for _, name := range names {
		mac.Write([]byte(name + form.Get(name)))
	}
	return isEqual(signature, mac.Sum(nil))
}

func isEqual(signature string, expected []byte) bool {
	given, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && hmac.Equal(given, expected)
}

func receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, "expected a form", http.StatusBadRequest)
		return
	}
	// With GET the parameters are in the query.
	content, parameters := string(body), form
	if r.Method == http.MethodGet {
		content, parameters = r.URL.RawQuery, r.URL.Query()
	}
	if (callbackSecret != "" && !isRecentAndGenuine(content, r.Header)) ||
		(authToken != "" && !isGenuine(base+r.RequestURI, form, r.Header.Get("X-Twilio-Signature"))) {
		fmt.Println("refused: wrong signature, or too old")
		http.Error(w, "wrong signature, or too old", http.StatusForbidden)
		return
	}

	// webhook-id is the same in every attempt, and part of what is signed.
	if parameters.Get("Test") == "true" {
		fmt.Println("test")
	} else if _, done := seen.LoadOrStore(r.Header.Get("webhook-id"), true); !done {
		fmt.Println(parameters.Get("Status"), parameters.Get("ESimProfileSid"))
	}
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	if callbackSecret == "" && authToken == "" {
		log.Fatal("Set CALLBACK_SECRET")
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	if base == "" {
		base = "http://" + listener.Addr().String()
	}
	fmt.Printf("listening; CallbackUrl: %s/status\n", base)
	log.Fatal(http.Serve(listener, http.HandlerFunc(receive)))
}
