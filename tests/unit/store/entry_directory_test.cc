#include "keystore/store/entry_directory.h"

#include <fcntl.h>
#include <stdio.h>

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

class Entries : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    top_.emplace(store_->top().value());
    all_.emplace(make_parent(*top_, "things", trust()).value());
    for (const char* name : {"a", "b", "c"}) put(name);
  }
  void put(const std::string& name) {
    ASSERT_TRUE(put_entry(*all_, name, {{"file", std::as_bytes(std::span("x", 1)), 0600}}));
  }
  /// As a writer leaves it who is killed right after the two directories were exchanged.
  void replace_and_die(const std::string& name, const std::string& content) {
    const std::string left = path() + "/things/.tmp-1";
    std::filesystem::create_directory(left);
    test::write_file(left + "/file", content);
    ASSERT_EQ(::renameat2(all_->fd.get(), ".tmp-1", all_->fd.get(), name.c_str(), RENAME_EXCHANGE),
              0);
  }
  static Status refuse(const std::string& name) { return fail(Code::config, name + " is bad"); }

  std::optional<EntryParent> top_, all_;
};

TEST_F(Entries, WhatIsRemovedWhileOthersAreReadIsSkipped) {
  std::string seen;
  const Status done = read_entries(*all_, [&](const std::string& name) -> Status {
    seen += name;
    if (name == "a") return remove_entry(*all_, "b");
    return name == "b" ? refuse(name) : Status();
  });
  EXPECT_TRUE(done) << done.error().line();
  EXPECT_EQ(seen, "abc");
}

TEST_F(Entries, WhatWasRemovedAndAddedAgainIsReadAgain) {
  int reads = 0;
  const Status done = read_entries(*all_, [&](const std::string& name) -> Status {
    return name == "b" && ++reads == 1 ? refuse(name) : Status();
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(reads, 2);
}

TEST_F(Entries, WhatIsThereAndBadIsAnError) {
  std::string seen;
  const Status done = read_entries(*all_, [&](const std::string& name) -> Status {
    seen += name;
    return name == "b" ? refuse(name) : Status();
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().line(), "b is bad");
  EXPECT_EQ(seen, "abb");
}

TEST_F(Entries, WhatIsReplacedAndOverwrittenWhileItIsReadIsReadAgain) {
  int reads = 0;
  std::string text;
  const Status done = read_entry(*all_, "a", trust(), [&](int fd, const std::string&) -> Status {
    const UniqueFd file(::openat(fd, "file", O_RDONLY | O_CLOEXEC));
    if (++reads == 1) {
      replace_and_die("a", "new");
      put("b");  // overwrites what the other has left
    }
    SG_TRY(text, read_to_end(file.get(), 100, "file"));
    return {};
  });
  EXPECT_TRUE(done) << done.error().line();
  EXPECT_EQ(text, "new");
  EXPECT_EQ(reads, 2);
}

TEST_F(Entries, WhatIsRemovedWhileItIsReadIsNotThere) {
  int reads = 0;
  const Status done = read_entry(*all_, "a", trust(), [&](int, const std::string&) -> Status {
    ++reads;
    return remove_entry(*all_, "a");
  });
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what().find("No such file"), std::string::npos);
  EXPECT_EQ(reads, 1);
}

}  // namespace
}  // namespace sifguard
