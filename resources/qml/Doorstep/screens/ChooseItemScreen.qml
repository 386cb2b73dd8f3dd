pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Layouts
import Doorstep
import Doorstep.ViewModels

// One search box; the frequent items while nothing is typed; departments to narrow. Touching an item leads on.
VisitScreen {
    id: screen

    required property ChooseItemViewModel viewModel
    readonly property bool writing: Theme.keyboardHeight > 0
    readonly property string otherWords: qsTr("换个说法试试：只写两三个字，或只写拼音的第一个字母（敬老卡写 jlk）。还找不到，请按右上角“求助”。")
    property real covered: 0

    name: "choose"
    visit: viewModel
    title: writing ? "" : qsTr("您要办什么事？点一下就开始")
    leadsOn: viewModel.chosenId !== ""
    nextText: qsTr("继续办这项")

    Connections {
        target: Theme

        // how much of the list our keyboard hides
        function onKeyboardHeightChanged() {
            const bottom = found.mapToItem(null, 0, found.height).y + screen.covered;
            screen.covered = Theme.keyboardHeight > 0 ? Math.max(0, bottom - (Theme.windowHeight - Theme.keyboardHeight)) : 0;
        }
    }

    SearchField {
        objectName: "choose_search"
        Layout.fillWidth: true
        placeholder: qsTr("输入要办的事：敬老卡、jlk、异地看病…")
        text: screen.viewModel.query
        onEdited: text => screen.viewModel.setQuery(text)
        Accessible.name: qsTr("查找事项")
    }

    Flickable {
        id: chips

        Layout.fillWidth: true
        implicitHeight: Theme.target
        contentWidth: chipRow.width
        contentHeight: height
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        interactive: contentWidth > width

        Row {
            id: chipRow

            spacing: Theme.gapSmall

            Chip {
                objectName: "choose_department_all"
                text: qsTr("全部部门")
                iconName: "list-check"
                selected: screen.viewModel.department === ""
                onClicked: screen.viewModel.setDepartment("")
            }

            Repeater {
                model: screen.viewModel.departments

                Chip {
                    required property int index
                    required property string modelData

                    objectName: "choose_department_" + index
                    text: modelData
                    selected: screen.viewModel.department === modelData
                    onClicked: screen.viewModel.setDepartment(modelData)
                }
            }
        }
    }

    Item {
        id: found

        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.bottomMargin: screen.covered

        ScrollColumn {
            anchors.fill: parent
            visible: screen.viewModel.browsing

            GridLayout {
                Layout.fillWidth: true
                columns: Theme.largePrint || screen.width < Theme.dp(1500) ? 2 : 3
                columnSpacing: Theme.gap
                rowSpacing: Theme.gap
                uniformCellWidths: true
                uniformCellHeights: true

                Repeater {
                    model: screen.viewModel.frequent

                    Tile {
                        required property int index
                        required property string itemId
                        required property string name
                        required property string department
                        required property bool materialsKnown

                        objectName: "choose_item_" + index
                        padding: Theme.dp(18)
                        Layout.fillWidth: true
                        Layout.fillHeight: true
                        title: name
                        subtitle: department
                        iconName: materialsKnown ? "clipboard-check" : "clipboard-list"
                        selected: itemId === screen.viewModel.chosenId
                        onClicked: screen.viewModel.choose(itemId)
                    }
                }
            }
        }

        ListView {
            id: results

            // rows made ahead are made piece by piece, and half made ones outlive a screen that goes
            cacheBuffer: 0

            anchors.fill: parent
            visible: !screen.viewModel.browsing && !screen.viewModel.nothingFound
            clip: true
            spacing: Theme.gapSmall
            boundsBehavior: Flickable.StopAtBounds
            model: screen.viewModel.results

            delegate: ListCard {
                required property int index
                required property string itemId
                required property string name
                required property string department
                required property bool allCity
                required property bool materialsKnown

                objectName: "choose_result_" + index
                width: ListView.view.width - Theme.dp(26)
                title: name
                subtitle: [department, materialsKnown ? qsTr("有材料清单") : ""].filter(part => part !== "").join(" · ")
                trailing: allCity ? qsTr("全市通办") : ""
                tone: "good"
                selected: itemId === screen.viewModel.chosenId
                onClicked: screen.viewModel.choose(itemId)
            }

            ScrollHint {
                flickable: results
            }
        }

        ScrollColumn {
            anchors.fill: parent
            visible: !screen.viewModel.browsing && screen.viewModel.nothingFound

            EmptyState {
                Layout.alignment: Qt.AlignHCenter
                Layout.topMargin: Theme.gap
                Layout.fillWidth: false
                Layout.preferredWidth: Theme.px(1000)
                visible: !screen.writing
                iconName: "search"
                title: qsTr("没有找到")
                text: screen.otherWords
            }

            // beside our keyboard there is room for the words only
            Heading {
                Layout.fillWidth: true
                visible: screen.writing
                text: qsTr("没有找到")
            }

            Body {
                Layout.fillWidth: true
                visible: screen.writing
                text: screen.otherWords
            }

            ActionButton {
                objectName: "choose_startOver"
                Layout.alignment: Qt.AlignHCenter
                iconName: "refresh"
                text: qsTr("看常办的事项")
                onClicked: {
                    screen.viewModel.setDepartment("");
                    screen.viewModel.setQuery("");
                }
            }
        }
    }
}
