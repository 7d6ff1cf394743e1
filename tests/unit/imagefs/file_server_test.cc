#include "helper/imagefs/file_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/imagefs/fake_kernel.h"
#include "tests/unit/imagefs/memory_source.h"

namespace sifguard {
namespace {

using testing::HasSubstr;

/// Holds 1,000,000 bytes; those from 500,000 on are bad, and some come late.
class Source : public BlockSource {
 public:
  static constexpr std::uint64_t kBad = 500'000;
  [[nodiscard]] std::uint64_t size() const noexcept override { return 1'000'000; }
  /// Reads wait until they are released.
  void hold() { held_ = true; }
  void release() {
    held_ = false;
    held_.notify_all();
  }

 private:
  Status read_within(std::uint64_t offset, std::span<std::byte> out) const override {
    held_.wait(true);
    for (std::byte& byte : out) byte = static_cast<std::byte>(offset++ * 7 % 251);
    if (offset > kBad)
      return fail(Code::refused, "block " + std::to_string(offset / 4096) + " is bad");
    return {};
  }
  std::atomic<bool> held_{false};
};

std::string expected(std::uint64_t offset, std::size_t size) {
  std::string text;
  for (; text.size() < size; ++offset) text += static_cast<char>(offset * 7 % 251);
  return text;
}

class FileServerTest : public testing::Test {
 protected:
  void start(std::int64_t deadline_ms = 60'000, unsigned threads = 2) {
    auto pipe = make_pipe();
    log_ = std::move(*pipe);
    auto server = FileServer::start({.fuse = kernel_.server_fd(),
                                     .log = log_.write_end.get(),
                                     .threads = threads,
                                     .deadline_ms = deadline_ms});
    ASSERT_TRUE(server) << server.error().line();
    server_ = *std::move(server);
    serving_ = std::thread([this] { server_->serve(source_); });
  }
  /// All that it logged.
  std::string stop() {
    kernel_.unmount();
    serving_.join();
    server_.reset();
    log_.write_end.reset();
    return read_to_end(log_.read_end.get(), 1 << 20, "the log").value();
  }
  void TearDown() override {
    source_.release();
    if (serving_.joinable()) stop();
  }

  Source source_;
  test::FakeKernel kernel_;
  Pipe log_;
  std::unique_ptr<FileServer> server_;
  std::thread serving_;
};

TEST_F(FileServerTest, AFileIsOpenedReadAndClosed) {
  start();
  fuse_init_in init{};
  init.major = 7;
  init.minor = 38;
  EXPECT_EQ(kernel_.ask(FUSE_INIT, test::bytes_of(init)).body.size(), 64U);
  EXPECT_EQ(kernel_.ask(FUSE_GETATTR, test::bytes_of(fuse_getattr_in{})).body.size(), 104U);
  EXPECT_EQ(kernel_.ask(FUSE_OPEN, test::bytes_of(fuse_open_in{})).body.size(), 16U);
  EXPECT_EQ(kernel_.read(0, 4096), expected(0, 4096));
  EXPECT_EQ(kernel_.read(12345, 131072), expected(12345, 131072));
  EXPECT_EQ(kernel_.ask(FUSE_STATFS, "").body.size(), 80U);
  EXPECT_EQ(kernel_.ask(FUSE_RELEASE, test::bytes_of(fuse_release_in{})).error, 0);
  EXPECT_EQ(kernel_.ask(FUSE_DESTROY, "").error, 0);
  EXPECT_EQ(stop(), "");
}

TEST_F(FileServerTest, ReadsEndWithTheFile) {
  start();
  EXPECT_EQ(kernel_.read(1'000'000, 4096), "");
  EXPECT_EQ(kernel_.read(UINT64_MAX, 4096), "");
  EXPECT_EQ(kernel_.read(UINT64_MAX - 4095, 4096), "");
  EXPECT_EQ(kernel_.read(0, 0), "");
}

TEST_F(FileServerTest, BadBytesAreAnErrorAndOneLine) {
  start();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(kernel_.read(Source::kBad, 4096), "ERROR 5");
  EXPECT_EQ(kernel_.read(Source::kBad - 1, 4096), "ERROR 5");
  EXPECT_EQ(kernel_.read(Source::kBad - 4096, 4096), expected(Source::kBad - 4096, 4096));
  EXPECT_EQ(stop(), "sifguard-imagefs: block 123 is bad\n");
}

TEST_F(FileServerTest, TheLogHasItsEnd) {
  start();
  for (std::uint64_t i = 0; i < 3 * FileServer::kMostLines; ++i) {
    EXPECT_EQ(kernel_.read(Source::kBad + i * 4096, 100), "ERROR 5");
  }
  const std::string log = stop();
  EXPECT_EQ(std::ranges::count(log, '\n'), static_cast<std::ptrdiff_t>(FileServer::kMostLines));
}

TEST_F(FileServerTest, WhatIsNotOfAFileIsRefused) {
  start();
  EXPECT_EQ(kernel_.ask(FUSE_LOOKUP, "name").error, ENOSYS);
  EXPECT_EQ(kernel_.ask(FUSE_WRITE, "x").error, ENOSYS);
  EXPECT_EQ(kernel_.ask(FUSE_OPEN, test::bytes_of(fuse_open_in{}), 7).error, EPROTO);
  EXPECT_EQ(kernel_.ask(FUSE_READ, test::fuse_read_body(0, kFuseMostRead + 1)).error, EPROTO);
  kernel_.send(test::fuse_request(FUSE_FORGET, 100, test::bytes_of(fuse_forget_in{})));
  kernel_.send(test::fuse_request(FUSE_INTERRUPT, 101, test::bytes_of(fuse_interrupt_in{})));
  EXPECT_EQ(kernel_.read(0, 10), expected(0, 10));  // nobody answered those
}

TEST_F(FileServerTest, WhileOneReadHangsAnotherThreadAnswers) {
  start();
  source_.hold();
  kernel_.send(test::fuse_request(FUSE_READ, 100, test::fuse_read_body(0, 10)));
  EXPECT_EQ(kernel_.ask(FUSE_STATFS, "").error, 0);
  source_.release();
  const auto reply = kernel_.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->unique, 100U);
  EXPECT_EQ(reply->body, expected(0, 10));
}

TEST_F(FileServerTest, AReadThatHangsEndsInTime) {
  start(3000, 2);  // more than a machine under load takes for a read that does not hang
  source_.hold();
  kernel_.send(test::fuse_request(FUSE_READ, 9, test::fuse_read_body(0, 10)));
  const auto reply = kernel_.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->unique, 9U);
  EXPECT_EQ(reply->error, EIO);
  EXPECT_EQ(kernel_.ask(FUSE_STATFS, "").error, 0);
  source_.release();
  EXPECT_EQ(kernel_.read(0, 10), expected(0, 10));  // and not the late answer
  EXPECT_EQ(stop(), "sifguard-imagefs: a read did not come to an end in time\n");
}

TEST_F(FileServerTest, WhereAllReadsHangTheOthersFailAtOnce) {
  start(100, 2);
  source_.hold();
  for (const unsigned unique : {100U, 101U, 102U, 103U}) {
    kernel_.send(test::fuse_request(FUSE_READ, unique, test::fuse_read_body(0, 10)));
  }
  for (int i = 0; i < 4; ++i) {
    const auto reply = kernel_.receive();
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->error, EIO);
  }
  EXPECT_EQ(kernel_.ask(FUSE_STATFS, "").error, 0);
  EXPECT_EQ(kernel_.read(0, 10), "ERROR 5");
  source_.release();
  EXPECT_EQ(kernel_.read(0, 10), "ERROR 5");  // for good
  EXPECT_THAT(stop(), HasSubstr("every further one fails"));
}

TEST_F(FileServerTest, AnUnmountedFileEndsIt) {
  start();
  EXPECT_EQ(kernel_.read(0, 10), expected(0, 10));
  EXPECT_EQ(stop(), "");
}

TEST_F(FileServerTest, AMessageWithoutAHeadEndsIt) {
  start(60'000, 1);
  kernel_.send("nonsense");
  serving_.join();
  server_.reset();
}

TEST(FileServer, ThatNeverServedEnds) {
  const test::FakeKernel kernel;
  EXPECT_TRUE(FileServer::start({.fuse = kernel.server_fd(), .threads = 4}));
}

}  // namespace
}  // namespace sifguard
