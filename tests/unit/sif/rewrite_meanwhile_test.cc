// What others do to an image while it is rewritten is seen, and nothing of it is lost.
#include <sys/syscall.h>

#include <functional>

#include "tests/unit/sif/rewrite_fixture.h"

namespace {
/// What somebody else does right before names are exchanged.
std::function<void()> interfere;  // NOLINT(*-avoid-non-const-global-variables)
}  // namespace

/// Comes before the C library's.
extern "C" int renameat2(int from, const char* old_name, int to, const char* new_name,
                         unsigned flags) noexcept {
  if (interfere) interfere();
  return static_cast<int>(::syscall(SYS_renameat2, from, old_name, to, new_name, flags));
}

namespace sifguard::sif {
namespace {

using testing::ElementsAre;

TEST_F(Rewrite, SeesThatTheImageWasChangedMeanwhile) {
  for (const auto& change : std::vector<std::function<void()>>{
           [&] { test::write_file(path_, old_); },  // the same bytes, but who knows
           [&] { test::write_file(path_, old_ + "more"); },
           [&] {
             test::write_file(dir_ / "new", old_);
             std::filesystem::rename(dir_ / "new", path_);
           },
           [&] { std::filesystem::remove(path_); },
       }) {
    test::write_file(path_, old_);
    auto rewrite = ImageRewrite::open(path_);
    ASSERT_TRUE(rewrite);
    ASSERT_TRUE(rewrite->copy(nullptr));
    change();
    expect_error(rewrite->commit(), Code::temporary, "changed or replaced by somebody else");
  }
}

TEST_F(Rewrite, SeesAChangeInTheTickOfTheOneBefore) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    test::write_file(path_, old_);
    auto rewrite = ImageRewrite::open(path_);
    test::write_file(path_, old_);
    ASSERT_TRUE(rewrite);
    ASSERT_TRUE(rewrite->copy(nullptr));
    expect_error(rewrite->commit(), Code::temporary, "changed or replaced by somebody else");
  }
}

TEST_F(Rewrite, PutsBackWhatSomebodyElsePutThereAtTheLastMoment) {
  int times = 0;
  const auto another = [&] {
    if (++times > 1) return;
    test::write_file(dir_ / "new", "another's work");
    std::filesystem::rename(dir_ / "new", path_);
  };
  interfere = another;
  const Status done = sign(path_);
  interfere = nullptr;
  expect_error(done, Code::temporary, "changed or replaced by somebody else");
  EXPECT_EQ(times, 2);
  EXPECT_EQ(bytes(), "another's work");
  EXPECT_THAT(names(), ElementsAre("image.sif"));
}

TEST_F(Rewrite, PutsBackWhatSomebodyElseWroteAtTheLastMoment) {
  int times = 0;
  const auto another = [&] {
    if (++times == 1) test::write_file(path_, old_ + "another's work");
  };
  interfere = another;
  const Status done = sign(path_);
  interfere = nullptr;
  expect_error(done, Code::temporary, "changed or replaced by somebody else");
  EXPECT_EQ(bytes(), old_ + "another's work");
  EXPECT_THAT(names(), ElementsAre("image.sif"));
}

TEST_F(Rewrite, LosesNothingOfWhoReplacesItTwice) {
  int times = 0;
  const auto others = [&] {
    test::write_file(dir_ / "new", "version " + std::to_string(++times));
    std::filesystem::rename(dir_ / "new", path_);
  };
  interfere = others;
  const Status done = sign(path_);
  interfere = nullptr;
  expect_error(done, Code::temporary,
               "one version is kept as " + dir_.path().string() + "/.image.sif.");
  EXPECT_EQ(bytes(), "version 1");
  ASSERT_EQ(names().size(), 2U);
  for (const std::string& name : names()) {
    if (name != "image.sif") EXPECT_EQ(test::read_file(dir_ / name), "version 2");
  }
}

}  // namespace
}  // namespace sifguard::sif
