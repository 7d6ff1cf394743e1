// What a shell offers, out of a small tree of commands.
#include "keystore/base/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace sifguard {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class Completed : public testing::Test {
 protected:
  Completed() {
    app_.add_option("--keystore", text_, "Where it is")->type_name("DIR");
    auto* const key = app_.add_subcommand("key", "Keys");
    auto* const show = key->add_subcommand("show", "Show one");
    show->add_option("key", text_, "Which")->type_name("KEY");
    auto* const make = key->add_subcommand("create", "Make one");
    make->add_option("--bits", text_, "How large")->type_name("2048|3072");
    make->add_option("--mode", text_, "How")->check(CLI::IsMember({"warn", "enforce"}));
    make->add_option("--out", text_, "The file")->type_name("FILE");
    make->add_option("--seal", text_, "Kept")->type_name("file[:/PATH]|pkcs11:URI");
    make->add_option("--user", texts_, "For whom")->type_name("USER");
    make->add_option("--certificate", text_, "Or its number")->type_name("SERIAL|FILE");
    make->add_flag("--force", flag_, "Anyway\nand more");
    make->add_flag("--hidden", flag_, "Not in the help")->group("");
  }

  std::vector<std::string> offered(const std::vector<std::string>& words) {
    return complete(app_, words, [this](const CompletedValue& value) {
      asked_.push_back(value.command + "/" + value.name + "/" + value.type);
      return value.type == "KEY" ? std::vector<std::string>{"lolcow", "low\ntools"}
                                 : std::vector<std::string>{};
    });
  }

  CLI::App app_{"Does things", "program"};
  std::string text_;
  std::vector<std::string> texts_;
  bool flag_ = false;
  std::vector<std::string> asked_;
};

TEST_F(Completed, CommandsByTheirBeginning) {
  EXPECT_THAT(offered({"k"}), ElementsAre("key\tKeys"));
  EXPECT_THAT(offered({"key", ""}), ElementsAre("show\tShow one", "create\tMake one"));
  EXPECT_THAT(offered({"key", "x"}), IsEmpty());
  EXPECT_THAT(complete(app_, {}), ElementsAre("key\tKeys"));
}

TEST_F(Completed, OptionsOfTheCommandAndOfThoseAboveIt) {
  const auto lines = offered({"key", "create", "--"});
  EXPECT_THAT(lines, Contains("--force\tAnyway"));
  EXPECT_THAT(lines, Contains("--keystore\tWhere it is"));
  EXPECT_THAT(lines, Not(Contains("--hidden\tNot in the help")));
  EXPECT_THAT(offered({"key", "create", "--fo"}), ElementsAre("--force\tAnyway"));
  EXPECT_THAT(offered({"key", "create", "--force", "--fo"}), ElementsAre("--force\tAnyway"));
}

TEST_F(Completed, ValuesThatTheTypeNames) {
  EXPECT_THAT(offered({"key", "create", "--bits", ""}),
              ElementsAre("2048\tHow large", "3072\tHow large"));
  EXPECT_THAT(offered({"key", "create", "--bits=3"}), ElementsAre("--bits=3072\tHow large"));
  EXPECT_THAT(offered({"key", "create", "--mode", "w"}), ElementsAre("warn\tHow"));
  EXPECT_THAT(offered({"key", "create", "--seal", ""}), IsEmpty());
}

TEST_F(Completed, WhatTheShellHasItself) {
  EXPECT_THAT(offered({"key", "create", "--out", "x"}), ElementsAre(":files"));
  EXPECT_THAT(offered({"key", "create", "--certificate", ""}), ElementsAre(":files"));
  EXPECT_THAT(offered({"--keystore", ""}), ElementsAre(":directories"));
  EXPECT_THAT(offered({"key", "create", "--user", "alice", ""}), Contains(":users"));
  EXPECT_THAT(offered({"key", "create", "--user", ""}), ElementsAre(":users"));
}

TEST_F(Completed, ValuesThatTheProgramKnows) {
  // A name that would not be one word on one line is not offered.
  EXPECT_THAT(offered({"key", "show", "lo"}), ElementsAre("lolcow\tWhich"));
  EXPECT_THAT(asked_, ElementsAre("key show/key/KEY"));
  EXPECT_THAT(offered({"--keystore", "key", "key", "show", "--", "l"}), Contains("lolcow\tWhich"));
  EXPECT_THAT(offered({"key", "show", "lolcow", "lo"}), IsEmpty());
  EXPECT_THAT(complete(app_, {"key", "show", "lo"}), IsEmpty());
}

TEST_F(Completed, NothingBehindWordsThatMeanNothing) {
  EXPECT_THAT(offered({"nonsense", "lo"}), IsEmpty());
  EXPECT_THAT(offered({"key", "create", "--nonsense=x", "--out="}), ElementsAre(":files"));
  EXPECT_THAT(offered({"key", "create", "--nonsense="}), IsEmpty());
}

TEST(PrintCompletion, IsAskedForByTheFirstWordAlone) {
  CLI::App app("Does things", "program");
  const char* const help[] = {"program", "--help", "--complete"};
  EXPECT_FALSE(print_completion(app, 3, help));
  EXPECT_FALSE(print_completion(app, 1, help));
}

}  // namespace
}  // namespace sifguard
