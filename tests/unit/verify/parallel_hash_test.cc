// The single pass over objects against OpenSSL's one-shot digests, with and without threads.
#include "helper/verify/sandbox/parallel_hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "keystore/base/text.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {
namespace {

constexpr std::array<const char*, kDigestAlgorithms> kNames = {"sha256", "sha384", "sha512"};

std::string shown(const std::optional<Digest>& digest) {
  if (!digest) return "none";
  return std::string(kNames[static_cast<std::size_t>(digest->algorithm)]) + ":" +
         to_hex(digest->value);
}

std::string noise(std::size_t size, unsigned seed) {
  std::minstd_rand random(seed);
  std::string data(size, '\0');
  for (std::size_t i = 0; i < size; i += 97) data[i] = static_cast<char>(random());
  return data;
}

TEST(HashObjects, ComputesTheWantedDigestsOnly) {
  const std::string data = noise(3 * (1U << 20U) + 17, 1);  // several chunks
  const UniqueFd fd = test::file_of(data);
  std::vector<HashRequest> requests(3);
  requests[0] = {5, data.size() - 5, {true, false, true}, {}};
  requests[1] = {0, 0, {true, false, false}, {}};
  requests[2] = {0, 100, {false, false, false}, {}};
  ASSERT_TRUE(hash_objects(fd.get(), requests));
  EXPECT_EQ(shown(requests[0].found[0]), test::hex_digest(data.substr(5)));
  EXPECT_EQ(shown(requests[0].found[1]), "none");
  EXPECT_EQ(shown(requests[0].found[2]), test::hex_digest(data.substr(5), "sha512"));
  EXPECT_EQ(shown(requests[1].found[0]), test::hex_digest(""));
  EXPECT_EQ(shown(requests[2].found[0]), "none");
}

/// Objects of many sizes, random wishes and chains; every digest against OpenSSL's.
class ManyObjects : public ::testing::TestWithParam<unsigned> {};

TEST_P(ManyObjects, HaveTheDigestsThatOpensslComputes) {
  const std::string data = noise(6U << 20U, 2);
  const UniqueFd fd = test::file_of(data);
  Workers workers(GetParam());
  EXPECT_EQ(workers.count(), GetParam());
  std::minstd_rand random(GetParam());
  for (int round = 0; round < 6; ++round) {
    std::vector<HashRequest> requests;
    for (std::size_t at = 0; at < data.size() && requests.size() < 40;) {
      const std::size_t most = random() % 4 == 0 ? 3U << 20U : 3000;
      const std::size_t size = std::min<std::size_t>(random() % most, data.size() - at);
      requests.push_back({at, size, {random() % 2 == 0, random() % 4 == 0, random() % 4 == 0}, {}});
      at += size;
    }
    std::vector<HashChain> chains(4);
    for (std::size_t c = 0; c < chains.size(); ++c) {
      chains[c].algorithm = static_cast<DigestAlgorithm>(c % kDigestAlgorithms);
      // Two over the first half, one over the second, one over nothing.
      const std::size_t half = requests.size() / 2;
      for (std::size_t i = c == 2 ? half : 0; c < 3 && i < (c == 2 ? requests.size() : half); ++i) {
        if (random() % 3 != 0) chains[c].requests.push_back(i);
      }
    }
    ASSERT_TRUE(hash_objects(fd.get(), requests, chains, &workers));
    const auto bytes = [&](const HashRequest& one) { return data.substr(one.offset, one.size); };
    for (const HashRequest& request : requests) {
      for (std::size_t a = 0; a < kDigestAlgorithms; ++a) {
        EXPECT_EQ(shown(request.found[a]),
                  request.wanted[a] ? test::hex_digest(bytes(request), kNames[a]) : "none");
      }
    }
    for (const HashChain& chain : chains) {
      std::string joined;
      for (const std::size_t i : chain.requests) joined += bytes(requests[i]);
      EXPECT_EQ(shown(chain.found),
                test::hex_digest(joined, kNames[static_cast<std::size_t>(chain.algorithm)]));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(HashObjects, ManyObjects, ::testing::Values(1, 2, 3, 8));

TEST(HashObjects, EndsWithAnErrorWhenTheImageShrank) {
  const UniqueFd fd = test::file_of(noise(2U << 20U, 3));
  for (const unsigned threads : {1U, 2U, 8U}) {
    Workers workers(threads);
    std::vector<HashRequest> requests(20);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      requests[i] = {i * 100'000, 100'000, {true, true, true}, {}};
    }
    requests[13].size = 2U << 20U;  // beyond the end
    const auto hashed = hash_objects(fd.get(), requests, {}, &workers);
    ASSERT_FALSE(hashed);
    EXPECT_EQ(hashed.error().code(), Code::refused);
    EXPECT_FALSE(hash_objects(-1, requests, {}, &workers));
  }
}

TEST(Workers, CallTheWorkOnceOnEachThreadEveryTime) {
  Workers workers(4);
  ASSERT_EQ(workers.count(), 4U);
  for (int round = 0; round < 50; ++round) {
    std::mutex mutex;
    std::vector<pthread_t> seen;
    workers.run([&] {
      const std::lock_guard lock(mutex);
      seen.push_back(::pthread_self());
    });
    ASSERT_EQ(seen.size(), 4U);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
  }
}

TEST(Workers, NeedNoThreads) {
  for (const unsigned threads : {0U, 1U}) {
    Workers workers(threads);
    int calls = 0;
    workers.run([&] { ++calls; });
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(workers.count(), 1U);
  }
}

TEST(UsableCores, AreThoseThatTheSchedulerGivesUs) {
  cpu_set_t all;
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  EXPECT_EQ(usable_cores(), std::min(static_cast<unsigned>(CPU_COUNT(&all)), kMaxWorkers));
  cpu_set_t one;
  CPU_ZERO(&one);
  for (unsigned i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
  }
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(usable_cores(), 1U);
  ASSERT_EQ(::sched_setaffinity(0, sizeof all, &all), 0);
}

}  // namespace
}  // namespace sifguard
