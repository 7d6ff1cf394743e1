#include "keystore/doctor/plugstack_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

class Plugstack : public testing::Test {
 protected:
  std::vector<PlugstackLine> read() {
    auto lines = read_plugstack(dir_ / "plugstack.conf");
    EXPECT_TRUE(lines) << lines.error().line();
    return lines ? *lines : std::vector<PlugstackLine>();
  }
  void write(const std::string& name, const std::string& text) {
    test::write_file(dir_ / name, text);
  }
  test::TempDir dir_;
};

TEST_F(Plugstack, ReadsLines) {
  write("plugstack.conf",
        "# none\n\nrequired /a.so x=1 config=/c # not this\n\toptional  b.so\nrequired\nother "
        "c.so\n");
  const auto lines = read();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].required);
  EXPECT_EQ(lines[0].plugin, "/a.so");
  EXPECT_EQ(lines[0].line, 3);
  EXPECT_EQ(lines[0].argument("config"), "/c");
  EXPECT_EQ(lines[0].argument("not"), "");
  EXPECT_EQ(lines[0].argument("conf"), "");
  EXPECT_FALSE(lines[1].required);
  EXPECT_EQ(lines[1].plugin, "b.so");
}

TEST_F(Plugstack, FollowsIncludesInOrder) {
  std::filesystem::create_directory(dir_ / "d");
  write("plugstack.conf", "include d/*.conf\nrequired last.so\ninclude " + (dir_ / "none*") + "\n");
  write("d/2.conf", "required two.so\n");
  write("d/1.conf", "required one.so\ninclude ../more\n");
  write("more", "required more.so");
  std::string names;
  for (const auto& line : read()) names += line.plugin + " ";
  EXPECT_EQ(names, "one.so more.so two.so last.so ");
}

TEST_F(Plugstack, RefusesCirclesAndMissingFiles) {
  EXPECT_EQ(read_plugstack(dir_ / "plugstack.conf").error().code(), Code::no_input);
  write("plugstack.conf", "include plugstack.conf\n");
  EXPECT_EQ(read_plugstack(dir_ / "plugstack.conf").error().code(), Code::refused);
}

}  // namespace
}  // namespace sifguard
