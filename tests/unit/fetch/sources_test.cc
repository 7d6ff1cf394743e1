// Servers that are slow, dead, or send elsewhere.
#include "helper/fetch/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/fetch/http_server.h"

namespace sifguard {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

const HttpLimits kLimits = {64 * 1024, 5000};

TEST(Sources, OneThatFailedIsNotAskedAgain) {
  const test::HttpServer dead(
      [](const std::string& /*request*/) { return test::http_answer("", "503 Later"); });
  const test::HttpServer alive(
      [](const std::string& /*request*/) { return test::http_answer("x"); });
  Sources sources({dead.url(), alive.url()}, milliseconds(60000));
  EXPECT_FALSE(sources.is_given_up(dead.url()));
  EXPECT_FALSE(sources.post(dead.url(), "a/b", "c", kLimits));
  EXPECT_TRUE(sources.is_given_up(dead.url()));
  const auto again = sources.get(dead.url(), kLimits);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().what(), HasSubstr("given up"));
  EXPECT_EQ(dead.served(), 1);
  EXPECT_EQ(*sources.get(alive.url(), kLimits), "x");
  EXPECT_EQ(*sources.post(alive.url(), "a/b", "c", kLimits), "x");
  EXPECT_FALSE(sources.is_given_up(alive.url()));
}

TEST(Sources, TheRunsTimeIsForAllOfThem) {
  const test::HttpServer slow([](const std::string& /*request*/) {
    std::this_thread::sleep_for(milliseconds(700));
    return test::http_answer("x");
  });
  Sources sources({slow.url("/1"), slow.url("/2")}, milliseconds(200));
  EXPECT_FALSE(sources.get(slow.url("/1"), kLimits));
  std::this_thread::sleep_for(milliseconds(50));
  const auto late = sources.get(slow.url("/2"), kLimits);
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().what(), HasSubstr("no time is left"));
  EXPECT_LE(slow.served(), 1);
}

TEST(Sources, OnlyNamedOnesMaySendElsewhere) {
  const test::HttpServer target(
      [](const std::string& /*request*/) { return test::http_answer("x"); });
  const test::HttpServer moved([&](const std::string& /*request*/) {
    return test::http_answer("", "302 Found", "Location: " + target.url() + "\r\n");
  });
  Sources named({moved.url()}, milliseconds(60000));
  EXPECT_EQ(*named.get(moved.url(), kLimits), "x");
  Sources others({}, milliseconds(60000));
  EXPECT_FALSE(others.get(moved.url(), kLimits));
  EXPECT_EQ(target.served(), 1);
}

}  // namespace
}  // namespace sifguard
