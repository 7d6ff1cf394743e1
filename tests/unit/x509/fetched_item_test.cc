#include "keystore/x509/fetched_item.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

std::vector<FetchedItem> sample() {
  return {{"crl", std::string(64, 'a'), 1, 2, "CN=Root", std::string("\0\n x", 4)},
          {"error", "-", 0, 0, "http://a/: no", {}},
          {"root", "-", 0, 0, {}, "-----BEGIN"}};
}

TEST(FetchedItem, WhatIsWrittenIsReadAgain) {
  const auto again = decode_items(encode_items(sample()));
  ASSERT_TRUE(again) << again.error().line();
  ASSERT_EQ(again->size(), 3U);
  EXPECT_EQ((*again)[0].name, std::string(64, 'a'));
  EXPECT_EQ((*again)[0].bytes, sample()[0].bytes);
  EXPECT_EQ((*again)[0].until, 2);
  EXPECT_EQ((*again)[1].text, "http://a/: no");
  EXPECT_TRUE(decode_items("")->empty());
}

TEST(FetchedItem, EveryTruncationIsRefused) {
  const std::string whole = encode_items(sample());
  const std::size_t first = encode_items({sample()[0]}).size();
  const std::size_t second = first + encode_items({sample()[1]}).size();
  for (std::size_t size = 1; size < whole.size(); ++size) {
    if (size == first || size == second) continue;  // fewer, but whole
    EXPECT_FALSE(decode_items(std::string_view(whole).substr(0, size))) << size;
  }
}

TEST(FetchedItem, AnythingElseIsRefused) {
  const std::string name(64, 'a');
  EXPECT_TRUE(decode_items("crl " + name + " 1 2 0 1\nx"));
  const std::vector<std::string> wrong = {"crl " + name + " 1 2 0 2\nx",
                                          "crl " + name + " 1 2 0\nx",
                                          "CRL " + name + " 1 2 0 1\nx",
                                          " " + name + " 1 2 0 1\nx",
                                          "crl ../x 1 2 0 1\nx",
                                          "crl " + name.substr(1) + " 1 2 0 1\nx",
                                          "crl " + std::string(64, 'A') + " 1 2 0 1\nx",
                                          "crl " + name + " -1 2 0 1\nx",
                                          "crl " + name + " 1 2 0 99999999999\nx",
                                          "crl " + name + " 1 2 0 -1\nx",
                                          "crl " + name + " 1 2 18446744073709551615 1\nx",
                                          "crl " + name + " 1 2 5000 0\n" + std::string(5000, 'x'),
                                          "crl " + name + " 1 2  1\nx",
                                          std::string(300, 'c'),
                                          "\n"};
  for (const std::string& bad : wrong) {
    EXPECT_FALSE(decode_items(bad)) << bad.substr(0, 100);
  }
  std::string many;
  for (std::size_t i = 0; i <= kMaxFetchedItems; ++i) many += "x - 0 0 0 0\n";
  EXPECT_FALSE(decode_items(many));
}

}  // namespace
}  // namespace sifguard
