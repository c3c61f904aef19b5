import YesterdayCommands

@main
enum Main {
    static func main() async {
        await YesterdayCommand.runAndExit()
    }
}
