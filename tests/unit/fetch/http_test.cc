// HTTP: what is fetched, and what servers may not do to us.
#include "helper/fetch/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/fetch/http_server.h"

namespace sifguard {
namespace {

using test::http_answer;
using test::HttpServer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const HttpLimits kLimits = {1000, 3000};

std::string complaint(const std::string& url, const HttpLimits& limits = kLimits) {
  const auto body = http_get(url, limits);
  if (body) return "FETCHED";
  return std::string(code_name(body.error().code())) + ": " + body.error().line();
}

TEST(Http, GetsAndPosts) {
  std::string seen;
  const HttpServer server([&](const std::string& request) {
    seen = request;
    return http_answer(std::string("a\0b", 3));
  });
  const auto got = http_get(server.url("/crl"), kLimits);
  ASSERT_TRUE(got) << got.error().line();
  EXPECT_EQ(*got, std::string("a\0b", 3));
  EXPECT_THAT(seen, StartsWith("GET /crl HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("User-Agent: sifguard/"));
  const std::string body("x\0y", 3);
  ASSERT_TRUE(http_post(server.url("/"), "application/ocsp-request", body, kLimits));
  EXPECT_THAT(seen, StartsWith("POST / HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("Content-Type: application/ocsp-request\r\n"));
  EXPECT_THAT(seen, ::testing::EndsWith("\r\n\r\n" + body));
}

TEST(Http, TakesPlainUrlsOfHttpAlone) {
  for (const char* const url :
       {"", "example.org", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
        "http:/127.0.0.1", "http://127.0.0.1/a b", "http://127.0.0.1/\n", "javascript:x"}) {
    EXPECT_THAT(complaint(url), StartsWith("usage: not an http or https URL")) << url;
  }
  EXPECT_THAT(complaint("http://127.0.0.1/" + std::string(2048, 'a')), StartsWith("usage"));
}

TEST(Http, OtherAnswersThan200AreFailures) {
  for (const char* const status : {"404 Not Found", "500 Oops", "204 No Content", "203 Maybe"}) {
    const HttpServer server(
        [&](const std::string& /*request*/) { return http_answer("x", status); });
    EXPECT_THAT(complaint(server.url()), StartsWith("temporary: cannot fetch")) << status;
  }
}

TEST(Http, LongAnswersAreCutOff) {
  const HttpServer server(
      [](const std::string& /*request*/) { return http_answer(std::string(1001, 'x')); });
  EXPECT_THAT(complaint(server.url()), HasSubstr("longer than 1000 bytes"));
  const HttpServer exact(
      [](const std::string& /*request*/) { return http_answer(std::string(1000, 'x')); });
  EXPECT_EQ(complaint(exact.url()), "FETCHED");
  const HttpServer endless([](const std::string& /*request*/) {
    return "HTTP/1.1 200 OK\r\n\r\n" + std::string(1 << 20, 'x');
  });
  EXPECT_THAT(complaint(endless.url()), HasSubstr("longer than 1000 bytes"));
}

TEST(Http, SlowServersAreLeft) {
  const HttpServer server([](const std::string& /*request*/) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1000));
    return http_answer("late");
  });
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(complaint(server.url(), {1000, 200}), StartsWith("temporary"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(900));
}

TEST(Http, GarbageAndSilenceAreFailures) {
  for (const std::string& answer : {std::string(), std::string("garbage"), std::string("HTTP/9 x"),
                                    std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")}) {
    const HttpServer server([&](const std::string& /*request*/) { return answer; });
    EXPECT_THAT(complaint(server.url()), StartsWith("temporary: cannot fetch")) << answer;
  }
  std::string gone;
  {
    const HttpServer server([](const std::string& /*request*/) { return std::string(); });
    gone = server.url();
  }
  EXPECT_THAT(complaint(gone), StartsWith("temporary: cannot fetch"));
}

TEST(Http, RedirectsAreFewAndKeepTheScheme) {
  int left = 0;
  std::string last_request;
  HttpServer* self = nullptr;
  HttpServer server([&](const std::string& request) {
    last_request = request;
    if (left-- > 0) return http_answer("", "307 There", "Location: " + self->url("/next") + "\r\n");
    return http_answer("here");
  });
  self = &server;
  left = 3;
  EXPECT_EQ(complaint(server.url()), "FETCHED");
  left = 4;
  EXPECT_THAT(complaint(server.url()), HasSubstr("redirects"));
  left = 1;
  EXPECT_TRUE(http_post(server.url(), "text/plain", "body", kLimits));
  EXPECT_THAT(last_request, StartsWith("POST /next"));
  for (const char* const target : {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x/"}) {
    const HttpServer crooked([&](const std::string& /*request*/) {
      return http_answer("", "302 There", std::string("Location: ") + target + "\r\n");
    });
    EXPECT_THAT(complaint(crooked.url()), Not(StartsWith("FETCHED"))) << target;
    EXPECT_EQ(crooked.served(), 1);
  }
}

TEST(Http, MessagesOfServersAreShownSafely) {
  const HttpServer server([](const std::string& /*request*/) {
    return std::string("HTTP/1.1 500 \x1b[31mred\r\nContent-Length: 0\r\n\r\n");
  });
  EXPECT_THAT(complaint(server.url()), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace sifguard
