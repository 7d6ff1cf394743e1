// The real sifguard-verifier at its limits: memory whatever the image, a stop before the deadline,
// an end by the address space limit. Runs the program as the helper does.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/verify/wire/report.h"
#include "tests/unit/verify/forms.h"

namespace sifguard {
namespace {

using test::at;
using test::poke;
using ::testing::HasSubstr;

constexpr std::uint64_t kMiB = 1ULL << 20U;

struct Outcome {
  int status = -1;
  long peak_kib = 0;
  std::string report;
};

/// As examine_image() starts it, but reaped with wait4(), which tells the peak of memory. That
/// counts what this process held at the fork too, hence a test program that holds little.
Outcome run_verifier(int image, std::uint64_t address_space) {
  Outcome outcome;
  int report[2];
  if (::pipe(report) != 0) return outcome;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(image, 103);
    ::dup2(report[1], 104);
    ::dup2(103, 3);
    ::dup2(104, 4);
    ::close_range(5, ~0U, 0);
    const rlimit limit = {address_space, address_space};
    ::setrlimit(RLIMIT_AS, &limit);
    ::execl(SIFGUARD_BIN "/sifguard-verifier", "sifguard-verifier", nullptr);
    ::_exit(127);
  }
  ::close(report[1]);
  char chunk[4096];
  for (ssize_t got = 0; (got = ::read(report[0], chunk, sizeof chunk)) > 0;) {
    outcome.report.append(chunk, static_cast<std::size_t>(got));
  }
  ::close(report[0]);
  rusage usage{};
  ::wait4(child, &outcome.status, 0, &usage);
  outcome.peak_kib = usage.ru_maxrss;
  return outcome;
}

/// An image whose one object has `size` bytes, all zero and nowhere on disk, and signatures that
/// ask for all three digests of it.
UniqueFd sparse_image(std::uint64_t size) {
  test::SifBuilder builder;
  builder.add(test::partition_of(4, 2, "x"));
  const std::string digits(128, 'a');
  for (const auto& [name, length] :
       {std::pair{"sha256", 64U}, std::pair{"sha384", 96U}, std::pair{"sha512", 128U}}) {
    const std::string digest = std::string("\"") + name + ":" + digits.substr(0, length) + "\"";
    builder.add(test::signature_of(
        test::clearsigned("{\"version\":1,\"header\":{\"digest\":" + digest +
                          "},\"objects\":[{\"relativeId\":0,\"descriptorDigest\":" + digest +
                          ",\"objectDigest\":" + digest + "}]}")));
  }
  std::string bytes = builder.build();
  const std::uint64_t end = (bytes.size() + 4095) / 4096 * 4096;
  poke<std::uint64_t>(bytes, at(0, 17), end);
  poke<std::uint64_t>(bytes, at(0, 25), size);
  poke<std::uint64_t>(bytes, 120, end + size - test::peek<std::uint64_t>(bytes, 112));
  UniqueFd fd = test::file_of(bytes);
  EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(end + size)), 0);
  return fd;
}

TEST(VerifierLimits, MemoryDoesNotGrowWithTheImage) {
#if defined(SIFGUARD_SANITIZED)
  GTEST_SKIP() << "SKIPPED: a sanitizer multiplies memory";
#endif
  constexpr std::uint64_t kSize = 256 * kMiB;
  const UniqueFd image = sparse_image(kSize);
  const Outcome outcome = run_verifier(image.get(), kVerifierMemory);
  EXPECT_EQ(outcome.status, 0);
  const auto report =
      decode_report(outcome.report, static_cast<std::uint64_t>(::lseek(image.get(), 0, SEEK_END)));
  ASSERT_TRUE(report) << report.error().line();
  EXPECT_EQ(report->signatures.size(), 3U);
  EXPECT_LT(outcome.peak_kib, 32 * 1024);
  EXPECT_GT(outcome.peak_kib, 1024);  // the measurement works
}

/// 3000 objects under statements of 0.6 and 1 MiB, and legacy signatures of the
/// whole group: about as much as the limits of report.h let through.
std::string greedy_image() {
  test::SifBuilder builder;
  builder.rows = 4096;
  builder.add(test::partition_of(4, 2, "x"));
  for (int i = 0; i < 3000; ++i) builder.add(test::ObjectSpec());
  const std::string plain = builder.build();
  for (const char* const name : {"sha256", "sha512"}) {
    builder.add(test::signature_of(test::clearsigned(test::statement_of(plain, 1, name))));
  }
  for (int i = 0; i < 62; ++i) {
    builder.add(test::legacy_of("x", 0xf0000001, 0, static_cast<std::uint32_t>(i % 3 + 1)));
  }
  return builder.build();
}

TEST(VerifierLimits, MemorySufficesForAllThatTheLimitsLetThrough) {
#if defined(SIFGUARD_SANITIZED)
  GTEST_SKIP() << "SKIPPED: a sanitizer multiplies memory";
#endif
  const std::string bytes = greedy_image();
  const UniqueFd image = test::file_of(bytes);
  const Outcome outcome = run_verifier(image.get(), kVerifierMemory);
  EXPECT_EQ(outcome.status, 0);
  const auto report = decode_report(outcome.report, bytes.size());
  ASSERT_TRUE(report) << report.error().line();
  EXPECT_EQ(report->signatures.size(), 64U);
  EXPECT_EQ(report->signatures[0].statement, StatementStatus::fits) << report->signatures[0].note;
  EXPECT_EQ(report->signatures[1].statement, StatementStatus::fits) << report->signatures[1].note;
  EXPECT_LT(outcome.peak_kib, 32 * 1024);
}

TEST(VerifierLimits, MemoryIsNotMultipliedByTextsOfLittlePieces) {
#if defined(SIFGUARD_SANITIZED)
  GTEST_SKIP() << "SKIPPED: a sanitizer multiplies memory";
#endif
  for (const std::string piece : {"\n", "[],", "{\"a\":0},", "\"\",", "0,"}) {
    std::string text = "{\"version\":1,\"header\":{},\"objects\":[";
    while (text.size() < kMaxSignatureSize - 1000) text += piece;
    test::SifBuilder builder = test::plain_image();
    builder.add(test::signature_of(test::clearsigned(text + "0]}")));
    builder.add(test::signature_of(test::dsse_of(text.substr(0, text.size() / 2), {{"k", "s"}})));
    const std::string bytes = builder.build();
    const Outcome outcome = run_verifier(test::file_of(bytes).get(), kVerifierMemory);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(decode_report(outcome.report, bytes.size()));
    EXPECT_LT(outcome.peak_kib, 32 * 1024) << piece;
  }
}

TEST(VerifierLimits, RunningOutOfMemoryIsNoFactAboutTheImage) {
#if defined(SIFGUARD_SANITIZED)
  GTEST_SKIP() << "SKIPPED: AddressSanitizer needs terabytes of address space";
#endif
  const std::string bytes = greedy_image();
  const UniqueFd image = test::file_of(bytes);
  bool said_so = false;
  // From too little to start to almost enough: never a report, whatever fails first.
  for (std::uint64_t limit = 12 * kMiB; limit <= 28 * kMiB; limit += kMiB) {
    const Outcome outcome = run_verifier(image.get(), limit);
    const auto report = decode_report(outcome.report, bytes.size());
    if (outcome.status == 0 && report) break;  // it was enough after all
    if (report) ADD_FAILURE() << "a report from a verifier that failed, limit " << limit;
    if (report.error().what().find("more memory than allowed") != std::string::npos) {
      said_so = true;
      EXPECT_EQ(report.error().code(), Code::temporary);
    }
  }
  EXPECT_TRUE(said_so);
}

}  // namespace
}  // namespace sifguard
