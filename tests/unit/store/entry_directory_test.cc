#include "keystore/store/entry_directory.h"

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

}  // namespace
}  // namespace sifguard
