<?xml version='1.0' encoding='utf-8'?>
<TS version="2.1" language="en_US" sourcelanguage="zh_CN">
<context>
    <name>ApplicantScreen</name>
    <message>
        <source>请核对：您是替这位办理吗？</source>
        <translation>Please check: do you act for this person?</translation>
    </message>
    <message>
        <source>请出示申请人的证件</source>
        <translation>Please show the applicant's card</translation>
    </message>
    <message>
        <source>代办人：%1。下一步会请您拍下申请人的书面委托书。</source>
        <translation>Acting: %1. Next you will be asked to capture the applicant's written authority.</translation>
    </message>
    <message>
        <source>是的，下一步</source>
        <translation>Yes, next</translation>
    </message>
    <message>
        <source>下一步</source>
        <translation>Next</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>关闭提示</source>
        <translation>Close this message</translation>
    </message>
</context>
<context>
    <name>CandidateBar</name>
    <message>
        <source>拼音</source>
        <translation>Pinyin</translation>
    </message>
    <message>
        <source>前一页</source>
        <translation>Page before</translation>
    </message>
    <message>
        <source>后一页</source>
        <translation>Next page</translation>
    </message>
</context>
<context>
    <name>CaptureLive</name>
    <message>
        <source>正在拍，请不要动</source>
        <translation>Taking the picture, do not move</translation>
    </message>
    <message>
        <source>请先点“再加一种材料”，选好名字再拍</source>
        <translation>First touch “Add another paper” and choose its name</translation>
    </message>
    <message>
        <source>很好，请保持不动</source>
        <translation>Good, keep it still</translation>
    </message>
    <message>
        <source>正面拍好了，请翻到背面</source>
        <translation>The front is taken. Please turn it over.</translation>
    </message>
    <message>
        <source>都拍好了，可以按“下一步”</source>
        <translation>All taken. Touch "Next"</translation>
    </message>
    <message>
        <source>请放上正面：%1</source>
        <translation>Front side first: %1</translation>
    </message>
    <message>
        <source>请平放在镜头下面：%1</source>
        <translation>Lay it flat under the camera: %1</translation>
    </message>
</context>
<context>
    <name>CaptureMaterials</name>
    <message>
        <source>请重拍</source>
        <translation>Take again</translation>
    </message>
    <message>
        <source>正面拍好了，还差背面</source>
        <translation>Front taken, the back is missing</translation>
    </message>
    <message numerus="yes">
        <source>已拍 %n 页</source>
        <translation>
            <numerusform>%n page taken</numerusform>
            <numerusform>%n pages taken</numerusform>
        </translation>
    </message>
    <message>
        <source>必需 · 还没拍 · 正反两面</source>
        <translation>Required · not taken · both sides</translation>
    </message>
    <message>
        <source>有就拍 · 正反两面</source>
        <translation>If you have it · both sides</translation>
    </message>
    <message>
        <source>必需 · 还没拍</source>
        <translation>Required · not taken</translation>
    </message>
    <message>
        <source>有就拍</source>
        <translation>If you have it</translation>
    </message>
    <message>
        <source>第 %1 页</source>
        <translation>Page %1</translation>
    </message>
    <message>
        <source>重拍</source>
        <translation>Again</translation>
    </message>
    <message>
        <source>不要这项</source>
        <translation>Remove this</translation>
    </message>
    <message>
        <source>再加一种材料</source>
        <translation>Add another paper</translation>
    </message>
    <message>
        <source>放稳后自动拍</source>
        <translation>Take when still</translation>
    </message>
    <message>
        <source>拍背面</source>
        <translation>Take the back</translation>
    </message>
    <message>
        <source>拍一张</source>
        <translation>Take</translation>
    </message>
    <message>
        <source>给它起个名字，窗口人员看得懂就行。</source>
        <translation>Give it a name the clerk understands.</translation>
    </message>
    <message>
        <source>加上</source>
        <translation>Add</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>材料名称</source>
        <translation>Name of the paper</translation>
    </message>
    <message>
        <source>户口簿</source>
        <translation>Household register</translation>
    </message>
    <message>
        <source>银行卡</source>
        <translation>Bank card</translation>
    </message>
    <message>
        <source>情况说明</source>
        <translation>Written statement</translation>
    </message>
    <message>
        <source>病历</source>
        <translation>Medical record</translation>
    </message>
    <message>
        <source>照片</source>
        <translation>Photo</translation>
    </message>
    <message>
        <source>转一下</source>
        <translation>Turn</translation>
    </message>
    <message>
        <source>删掉这页</source>
        <translation>Delete this page</translation>
    </message>
</context>
<context>
    <name>CaptureReview</name>
    <message>
        <source>拍得清楚，可以用</source>
        <translation>Clear and good to use</translation>
    </message>
    <message>
        <source>这张还不够好</source>
        <translation>Not good enough yet</translation>
    </message>
    <message>
        <source>四个角不准？按住圆点拖到纸角上。</source>
        <translation>Corners off? Drag the circles onto the paper's corners.</translation>
    </message>
    <message>
        <source>转一下</source>
        <translation>Turn</translation>
    </message>
    <message>
        <source>用整张</source>
        <translation>Whole picture</translation>
    </message>
    <message>
        <source>重拍</source>
        <translation>Again</translation>
    </message>
    <message>
        <source>就用这张</source>
        <translation>Use this one</translation>
    </message>
    <message>
        <source>还是用这张…</source>
        <translation>Use it anyway…</translation>
    </message>
    <message>
        <source>为什么用这张？</source>
        <translation>Why use this one?</translation>
    </message>
    <message>
        <source>窗口人员会看到这个说明。</source>
        <translation>The clerk will see this note.</translation>
    </message>
    <message>
        <source>用这张</source>
        <translation>Use it</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>原件就是这样</source>
        <translation>The original looks like this</translation>
    </message>
    <message>
        <source>反光去不掉</source>
        <translation>The glare cannot be avoided</translation>
    </message>
    <message>
        <source>原件破损</source>
        <translation>The original is damaged</translation>
    </message>
    <message>
        <source>字迹已经褪色</source>
        <translation>The writing has faded</translation>
    </message>
    <message>
        <source>也可以自己写</source>
        <translation>Or in your own words</translation>
    </message>
</context>
<context>
    <name>CaptureScreen</name>
    <message>
        <source>请先决定：用这张，还是重拍</source>
        <translation>First decide: use it or take it again</translation>
    </message>
    <message>
        <source>窗口请您重拍：%1</source>
        <translation>The clerk asks for this again: %1</translation>
    </message>
    <message>
        <source>窗口的说明</source>
        <translation>The clerk writes</translation>
    </message>
    <message>
        <source>；</source>
        <translation>; </translation>
    </message>
</context>
<context>
    <name>ChooseItemScreen</name>
    <message>
        <source>换个说法试试：只写两三个字，或只写拼音的第一个字母（敬老卡写 jlk）。还找不到，请按右上角“求助”。</source>
        <translation>Try other words: two or three characters, or the first letters of the pinyin (jlk for 敬老卡). Still nothing? Touch "Help" at the top right.</translation>
    </message>
    <message>
        <source>您要办什么事？点一下就开始</source>
        <translation>What do you need? Touch to begin</translation>
    </message>
    <message>
        <source>继续办这项</source>
        <translation>Go on with this one</translation>
    </message>
    <message>
        <source>输入要办的事：敬老卡、jlk、异地看病…</source>
        <translation>What is it about? 敬老卡, jlk, …</translation>
    </message>
    <message>
        <source>查找事项</source>
        <translation>Find a service</translation>
    </message>
    <message>
        <source>全部部门</source>
        <translation>All departments</translation>
    </message>
    <message>
        <source>有材料清单</source>
        <translation>has a checklist</translation>
    </message>
    <message>
        <source>全市通办</source>
        <translation>City-wide</translation>
    </message>
    <message>
        <source>没有找到</source>
        <translation>Nothing found</translation>
    </message>
    <message>
        <source>看常办的事项</source>
        <translation>Show frequent services</translation>
    </message>
</context>
<context>
    <name>CornerEditor</name>
    <message>
        <source>刚拍的画面，四个角可以拖动</source>
        <translation>The fresh picture; its four corners can be dragged</translation>
    </message>
    <message>
        <source>左上角</source>
        <translation>Top left corner</translation>
    </message>
    <message>
        <source>右上角</source>
        <translation>Top right corner</translation>
    </message>
    <message>
        <source>右下角</source>
        <translation>Bottom right corner</translation>
    </message>
    <message>
        <source>左下角</source>
        <translation>Bottom left corner</translation>
    </message>
</context>
<context>
    <name>CoverView</name>
    <message>
        <source>屏幕已遮住</source>
        <translation>The screen is covered</translation>
    </message>
    <message>
        <source>办理内容都保存着，不会丢失。</source>
        <translation>Everything is kept; nothing is lost.</translation>
    </message>
    <message>
        <source>请帮办员输入密码继续。</source>
        <translation>The assistant's PIN opens it.</translation>
    </message>
    <message>
        <source>请 %1 输入密码继续。</source>
        <translation>%1, please type your PIN to go on.</translation>
    </message>
    <message>
        <source>演示密码：%1</source>
        <translation>Demo PIN: %1</translation>
    </message>
</context>
<context>
    <name>DemoPanel</name>
    <message>
        <source>演示台：设备这一边</source>
        <translation>Demo bench: the devices</translation>
    </message>
    <message>
        <source>看打出的回执</source>
        <translation>Look at the printed slip</translation>
    </message>
    <message>
        <source>看最新的回执</source>
        <translation>Look at the newest slip</translation>
    </message>
</context>
<context>
    <name>DeviceSetUpScreen</name>
    <message>
        <source>设备设置</source>
        <translation>Device set-up</translation>
    </message>
    <message>
        <source>设备设置：%1</source>
        <translation>Device set-up: %1</translation>
    </message>
    <message>
        <source>先试用，看到结果再保留。不保留就离开，一切照旧。</source>
        <translation>Try first and keep what works. Leaving without keeping changes nothing.</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>恢复原来</source>
        <translation>Restore</translation>
    </message>
    <message>
        <source>保留</source>
        <translation>Keep</translation>
    </message>
    <message>
        <source>正在试用，还没有保留。</source>
        <translation>On trial, not kept yet.</translation>
    </message>
    <message>
        <source>请在左边选一台设备</source>
        <translation>Choose a device on the left</translation>
    </message>
    <message>
        <source>这里可以查找插着的设备，试用，看到结果以后再保留。</source>
        <translation>Find what is plugged in, try it, and keep it once it works.</translation>
    </message>
    <message>
        <source>本站不配这台设备。</source>
        <translation>This station does without this device.</translation>
    </message>
    <message>
        <source>还没有设置连接。</source>
        <translation>No connection has been set up.</translation>
    </message>
    <message>
        <source>试用的连接：%1</source>
        <translation>Connection on trial: %1</translation>
    </message>
    <message>
        <source>现在的连接：%1</source>
        <translation>Connection now: %1</translation>
    </message>
    <message>
        <source>编号 %1</source>
        <translation>No. %1</translation>
    </message>
    <message>
        <source>58 毫米纸</source>
        <translation>58 mm paper</translation>
    </message>
    <message>
        <source>80 毫米纸</source>
        <translation>80 mm paper</translation>
    </message>
    <message>
        <source>这台打印机会回答状态</source>
        <translation>This printer answers about its state</translation>
    </message>
    <message>
        <source>正在查找…</source>
        <translation>Searching…</translation>
    </message>
    <message>
        <source>查找</source>
        <translation>Search</translation>
    </message>
    <message>
        <source>打印一行</source>
        <translation>Print a line</translation>
    </message>
    <message>
        <source>手工填写</source>
        <translation>Type it in</translation>
    </message>
    <message>
        <source>本站没有这件设备</source>
        <translation>Station has none</translation>
    </message>
    <message>
        <source>正在打开这条线…</source>
        <translation>Opening the line…</translation>
    </message>
    <message>
        <source>停止</source>
        <translation>Stop</translation>
    </message>
    <message>
        <source>手工填写%1的连接</source>
        <translation>Type the connection: %1</translation>
    </message>
    <message>
        <source>例如 tcp:192.168.1.50:9100、serial:/dev/ttyS0?baud=9600、vendor:程序库文件、http://地址。</source>
        <translation>For example tcp:192.168.1.50:9100, serial:/dev/ttyS0?baud=9600, vendor:LIBRARY FILE, http://ADDRESS.</translation>
    </message>
    <message>
        <source>试用</source>
        <translation>Try</translation>
    </message>
    <message>
        <source>连接</source>
        <translation>Connection</translation>
    </message>
</context>
<context>
    <name>DevicesPane</name>
    <message>
        <source>已换新纸</source>
        <translation>New roll put in</translation>
    </message>
</context>
<context>
    <name>FarewellScreen</name>
    <message>
        <source>办好了，请慢走</source>
        <translation>All done. Take care!</translation>
    </message>
    <message>
        <source>请拿好证件和材料</source>
        <translation>Please take your card and papers</translation>
    </message>
    <message>
        <source>看一看读卡器上、镜头下面，还有没有您的卡和纸</source>
        <translation>Look on the reader and under the camera for your card and papers</translation>
    </message>
    <message>
        <source>您的信息已清除</source>
        <translation>Your data is cleared</translation>
    </message>
    <message>
        <source>姓名、证件号和照片都不再显示。没送出的材料只以加密形式保存，送到后立即销毁。</source>
        <translation>Name, number and pictures are shown no more. What is not sent yet is kept encrypted only and destroyed once delivered.</translation>
    </message>
    <message numerus="yes">
        <source>%n 秒后自动回到首页</source>
        <translation>
            <numerusform>Back to the start in %n second</numerusform>
            <numerusform>Back to the start in %n seconds</numerusform>
        </translation>
    </message>
    <message>
        <source>好，回首页</source>
        <translation>Back to the start</translation>
    </message>
</context>
<context>
    <name>Field</name>
    <message>
        <source>清空</source>
        <translation>Clear</translation>
    </message>
</context>
<context>
    <name>FieldsScreen</name>
    <message>
        <source>这项不用填写</source>
        <translation>Nothing to fill in here</translation>
    </message>
    <message>
        <source>请填写</source>
        <translation>Please fill in</translation>
    </message>
    <message>
        <source>没有要填的内容</source>
        <translation>Nothing to fill in</translation>
    </message>
    <message>
        <source>直接按“下一步”，核对一遍就可以签名。</source>
        <translation>Touch "Next", check everything once and sign.</translation>
    </message>
</context>
<context>
    <name>FormField</name>
    <message>
        <source>%1（可以不填）</source>
        <translation>%1 (optional)</translation>
    </message>
    <message>
        <source>八位数字，如 19490501</source>
        <translation>Eight digits, like 19490501</translation>
    </message>
    <message>
        <source>手机或座机号码</source>
        <translation>Mobile or landline</translation>
    </message>
    <message>
        <source>已从证件自动填好，请核对</source>
        <translation>Filled in from the card, please check</translation>
    </message>
</context>
<context>
    <name>FoundCard</name>
    <message>
        <source>正在试用</source>
        <translation>On trial</translation>
    </message>
    <message>
        <source>试用</source>
        <translation>Try</translation>
    </message>
    <message>
        <source>试各种速度</source>
        <translation>Ask at every speed</translation>
    </message>
    <message>
        <source>扫码识别</source>
        <translation>Find by scanning</translation>
    </message>
</context>
<context>
    <name>GuideScreen</name>
    <message>
        <source>全市通办</source>
        <translation>City-wide</translation>
    </message>
    <message>
        <source>办理时限：%1</source>
        <translation>Time limit: %1</translation>
    </message>
    <message>
        <source>开始拍材料</source>
        <translation>Start with the papers</translation>
    </message>
    <message>
        <source>需要这些材料</source>
        <translation>You need these papers</translation>
    </message>
    <message>
        <source>材料以中心告知为准</source>
        <translation>The centre says which papers</translation>
    </message>
    <message>
        <source>这项还没有核实过的材料清单。请把手边有关的材料都拍下来，受理中心看过以后，会告诉您还缺什么。</source>
        <translation>There is no verified list of papers for this service. Capture whatever you have; the centre will say what is missing.</translation>
    </message>
    <message>
        <source>有就带，没有不要紧</source>
        <translation>Only if you have it</translation>
    </message>
    <message>
        <source>正反两面都要拍</source>
        <translation>Both sides are needed</translation>
    </message>
    <message>
        <source>以中心告知为准</source>
        <translation>The centre's word decides</translation>
    </message>
    <message>
        <source>资料日期 %1，以中心告知为准</source>
        <translation>As of %1; the centre's word decides</translation>
    </message>
    <message>
        <source>打印办事指南</source>
        <translation>Print this list</translation>
    </message>
    <message>
        <source>给谁办？</source>
        <translation>For whom?</translation>
    </message>
    <message>
        <source>给自己办</source>
        <translation>For myself</translation>
    </message>
    <message>
        <source>替别人办</source>
        <translation>For another</translation>
    </message>
    <message>
        <source>代办规定：%1</source>
        <translation>Acting for others: %1</translation>
    </message>
    <message>
        <source>替别人办，要有申请人的证件和书面委托书。</source>
        <translation>For another you need the applicant's card and written authority.</translation>
    </message>
    <message>
        <source>我同意把拍下的材料传给受理中心</source>
        <translation>I agree that the captured pages are sent to the centre</translation>
    </message>
    <message>
        <source>材料边拍边传送，只给受理中心的工作人员办这件事用。办理中途取消，中心也会删除。</source>
        <translation>Pages are sent while you go on, to the centre's staff and for this case only. If you cancel, the centre deletes them too.</translation>
    </message>
</context>
<context>
    <name>HeaderBar</name>
    <message>
        <source>家门口服务站</source>
        <translation>Doorstep Service Station</translation>
    </message>
    <message>
        <source>标准字</source>
        <translation>Normal</translation>
    </message>
    <message>
        <source>大字</source>
        <translation>Large</translation>
    </message>
    <message>
        <source>标准色</source>
        <translation>Colours</translation>
    </message>
    <message>
        <source>高对比</source>
        <translation>Contrast</translation>
    </message>
    <message>
        <source>求助</source>
        <translation>Help</translation>
    </message>
</context>
<context>
    <name>HelpSheet</name>
    <message>
        <source>现在怎么做</source>
        <translation>What to do now</translation>
    </message>
    <message>
        <source>看不懂、按错了：请叫站里的帮办员。</source>
        <translation>Unsure, or pressed wrong: call the station's assistant.</translation>
    </message>
    <message>
        <source>看不懂、按错了：请叫帮办员 %1。</source>
        <translation>Unsure, or pressed wrong: call the assistant, %1.</translation>
    </message>
    <message>
        <source>设备不工作：点屏幕下方亮起的那一项，照着做；还不行请联系技术员。</source>
        <translation>A device does not work: touch its mark at the bottom and do what it says; if that fails, call the technician.</translation>
    </message>
    <message>
        <source>政策和材料问题：以受理中心的告知为准。</source>
        <translation>Rules and papers: the word of the centre decides.</translation>
    </message>
    <message>
        <source>政策和材料问题：以%1的告知为准。</source>
        <translation>Rules and papers: the word of %1 decides.</translation>
    </message>
    <message>
        <source>知道了</source>
        <translation>OK</translation>
    </message>
</context>
<context>
    <name>HomeScreen</name>
    <message>
        <source>您好，%1</source>
        <translation>Hello, %1</translation>
    </message>
    <message>
        <source>居民来了，就从这里开始。</source>
        <translation>When a resident comes, start here.</translation>
    </message>
    <message>
        <source>查看</source>
        <translation>Show</translation>
    </message>
    <message>
        <source>开始办理</source>
        <translation>Start a visit</translation>
    </message>
    <message>
        <source>请居民准备好身份证、社保卡或随申码。</source>
        <translation>Have the ID card, social-security card or Suishen code ready.</translation>
    </message>
    <message>
        <source>待补正</source>
        <translation>To correct</translation>
    </message>
    <message>
        <source>没有要补的材料</source>
        <translation>Nothing to correct</translation>
    </message>
    <message>
        <source>居民走后，中心要求补材料的办件</source>
        <translation>The centre asks for more papers</translation>
    </message>
    <message>
        <source>重打回执</source>
        <translation>Reprint a receipt</translation>
    </message>
    <message>
        <source>设备与自检</source>
        <translation>Devices and self-test</translation>
    </message>
    <message>
        <source>没办完的，可以接着办</source>
        <translation>Unfinished; go on with it</translation>
    </message>
    <message>
        <source>保存于 %1</source>
        <translation>Kept since %1</translation>
    </message>
    <message>
        <source>事项目录 %1，材料以中心告知为准</source>
        <translation>Catalogue of %1; the centre's word on papers decides</translation>
    </message>
</context>
<context>
    <name>IdentifyScreen</name>
    <message>
        <source>请核对：是您本人吗？</source>
        <translation>Please check: is this you?</translation>
    </message>
    <message>
        <source>请出示身份证、社保卡或随申码</source>
        <translation>Please show an ID card, social-security card or code</translation>
    </message>
    <message>
        <source>如果不是，请换一张证件，会自动重新读取。</source>
        <translation>If not, use another card: it is read by itself.</translation>
    </message>
    <message>
        <source>三种方法，任选一种。读到以后会自动显示。</source>
        <translation>Three ways, any one will do. What is read appears by itself.</translation>
    </message>
    <message>
        <source>是我，下一步</source>
        <translation>That is me, next</translation>
    </message>
</context>
<context>
    <name>IdentityForm</name>
    <message>
        <source>手工填写身份信息</source>
        <translation>Type in the identity</translation>
    </message>
    <message>
        <source>填好了</source>
        <translation>Done</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>姓名</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>身份证号（18 位）</source>
        <translation>ID number (18 characters)</translation>
    </message>
    <message>
        <source>为什么手工填写？</source>
        <translation>Why by hand?</translation>
    </message>
    <message>
        <source>没有带证件</source>
        <translation>No card with me</translation>
    </message>
    <message>
        <source>证件读不出来</source>
        <translation>The card cannot be read</translation>
    </message>
    <message>
        <source>证件正在补办</source>
        <translation>The card is being replaced</translation>
    </message>
    <message>
        <source>读卡设备故障</source>
        <translation>The reader is out of order</translation>
    </message>
</context>
<context>
    <name>IdentityWays</name>
    <message>
        <source>正在读取，请不要移动</source>
        <translation>Reading, do not move it</translation>
    </message>
    <message>
        <source>正在连接，请稍等</source>
        <translation>Connecting, one moment</translation>
    </message>
    <message>
        <source>还没有回应，可以换一种方法</source>
        <translation>No answer yet, another way may help</translation>
    </message>
    <message>
        <source>男</source>
        <translation>male</translation>
    </message>
    <message>
        <source>女</source>
        <translation>female</translation>
    </message>
    <message>
        <source>已从身份证读取</source>
        <translation>Read from the ID card</translation>
    </message>
    <message>
        <source>已从社保卡读取</source>
        <translation>Read from the social-security card</translation>
    </message>
    <message>
        <source>已由随申码核实</source>
        <translation>Confirmed by the Suishen code</translation>
    </message>
    <message>
        <source>手工填写，请再核对一遍</source>
        <translation>Typed in, please check once more</translation>
    </message>
    <message>
        <source>放身份证或社保卡</source>
        <translation>Lay down a card</translation>
    </message>
    <message>
        <source>平放在读卡器上，看到名字再拿开</source>
        <translation>Lay it on the reader until the name appears</translation>
    </message>
    <message>
        <source>读卡器正常，请放卡</source>
        <translation>Reader ready</translation>
    </message>
    <message>
        <source>出示随申码</source>
        <translation>Show a Suishen code</translation>
    </message>
    <message>
        <source>把手机屏幕对准扫码器或摄像头</source>
        <translation>Hold the phone to the scanner or the camera</translation>
    </message>
    <message>
        <source>请出示，扫码器和摄像头都可以读</source>
        <translation>Show it to the scanner or the camera</translation>
    </message>
    <message>
        <source>扫码器没有连上，请对准摄像头</source>
        <translation>No scanner: hold it to the camera</translation>
    </message>
    <message>
        <source>扫码器正常，请出示</source>
        <translation>Scanner ready</translation>
    </message>
    <message>
        <source>没有带证件</source>
        <translation>No card with me</translation>
    </message>
    <message>
        <source>请帮办员帮忙填写</source>
        <translation>The assistant helps to type it in</translation>
    </message>
    <message>
        <source>手工填写</source>
        <translation>Type it in</translation>
    </message>
    <message>
        <source>证件照片</source>
        <translation>Photo on the card</translation>
    </message>
    <message>
        <source>申请人</source>
        <translation>Applicant</translation>
    </message>
    <message>
        <source>办理人</source>
        <translation>Person here</translation>
    </message>
    <message>
        <source>证件号 %1</source>
        <translation>Number %1</translation>
    </message>
    <message>
        <source>%1 出生</source>
        <translation>born %1</translation>
    </message>
    <message>
        <source>改为手工填写</source>
        <translation>Type it in instead</translation>
    </message>
</context>
<context>
    <name>IdleSheet</name>
    <message>
        <source>您还在吗？</source>
        <translation>Are you still there?</translation>
    </message>
    <message>
        <source>为了保护您的隐私，屏幕即将遮住。内容不会丢失。</source>
        <translation>To protect your privacy the screen will be covered. Nothing is lost.</translation>
    </message>
    <message>
        <source>还剩 %1 秒</source>
        <translation>%1 seconds left</translation>
    </message>
    <message>
        <source>秒</source>
        <translation>seconds</translation>
    </message>
    <message>
        <source>继续办理</source>
        <translation>Go on</translation>
    </message>
</context>
<context>
    <name>Keyboard</name>
    <message>
        <source>大写</source>
        <translation>Capitals</translation>
    </message>
    <message>
        <source>分词</source>
        <translation>Split</translation>
    </message>
    <message>
        <source>删除</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>数字符号</source>
        <translation>123 # /</translation>
    </message>
    <message>
        <source>换拼音</source>
        <translation>Pinyin</translation>
    </message>
    <message>
        <source>换英文</source>
        <translation>Latin</translation>
    </message>
    <message>
        <source>冒号</source>
        <translation>Colon</translation>
    </message>
    <message>
        <source>逗号</source>
        <translation>Comma</translation>
    </message>
    <message>
        <source>空格</source>
        <translation>Space</translation>
    </message>
    <message>
        <source>选第一个</source>
        <translation>Take the first</translation>
    </message>
    <message>
        <source>斜杠</source>
        <translation>Slash</translation>
    </message>
    <message>
        <source>句号</source>
        <translation>Full stop</translation>
    </message>
    <message>
        <source>收起键盘</source>
        <translation>Hide keyboard</translation>
    </message>
    <message>
        <source>完成</source>
        <translation>Done</translation>
    </message>
</context>
<context>
    <name>LiveView</name>
    <message>
        <source>摄像头画面</source>
        <translation>Camera picture</translation>
    </message>
    <message>
        <source>等待摄像头画面…</source>
        <translation>Waiting for the camera…</translation>
    </message>
</context>
<context>
    <name>Main</name>
    <message>
        <source>家门口服务站</source>
        <translation>Doorstep Service Station</translation>
    </message>
    <message>
        <source>%1：%2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>编号 %1</source>
        <translation>No. %1</translation>
    </message>
    <message>
        <source>知道了</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>%1（%2）正在值班</source>
        <translation>%1 (%2) is on duty</translation>
    </message>
    <message>
        <source>现在结束值班，正在办的内容会加密保存，下次登录可以接着办。</source>
        <translation>If you sign off now, the visit is kept encrypted and can be continued at the next sign-on.</translation>
    </message>
    <message>
        <source>离开座位前，请结束值班。</source>
        <translation>Please sign off before you leave the desk.</translation>
    </message>
    <message>
        <source>结束值班</source>
        <translation>Sign off</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Back</translation>
    </message>
</context>
<context>
    <name>PersonCard</name>
    <message>
        <source>证件照片</source>
        <translation>Photo on the card</translation>
    </message>
</context>
<context>
    <name>PinPad</name>
    <message>
        <source>密码</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>确认</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>已输入 %1 位</source>
        <translation>%1 digits typed</translation>
    </message>
    <message>
        <source>删除一位</source>
        <translation>Delete one digit</translation>
    </message>
</context>
<context>
    <name>RatingScreen</name>
    <message>
        <source>这次服务，您满意吗？</source>
        <translation>Are you satisfied with this service?</translation>
    </message>
    <message>
        <source>评价直接交给受理中心，帮办员不能改。不想评价也没关系。</source>
        <translation>Your rating goes straight to the centre; the assistant cannot change it. You may also leave it.</translation>
    </message>
    <message>
        <source>非常满意</source>
        <translation>Very satisfied</translation>
    </message>
    <message>
        <source>满意</source>
        <translation>Satisfied</translation>
    </message>
    <message>
        <source>基本满意</source>
        <translation>Fairly satisfied</translation>
    </message>
    <message>
        <source>不满意</source>
        <translation>Dissatisfied</translation>
    </message>
    <message>
        <source>非常不满意</source>
        <translation>Very dissatisfied</translation>
    </message>
    <message>
        <source>好在哪里？（可不选）</source>
        <translation>What was good? (optional)</translation>
    </message>
    <message>
        <source>哪里不好？（可不选）</source>
        <translation>What was not good? (optional)</translation>
    </message>
    <message>
        <source>服务热情</source>
        <translation>Friendly</translation>
    </message>
    <message>
        <source>办得快</source>
        <translation>Quick</translation>
    </message>
    <message>
        <source>讲得明白</source>
        <translation>Well explained</translation>
    </message>
    <message>
        <source>等得太久</source>
        <translation>Too long a wait</translation>
    </message>
    <message>
        <source>没讲明白</source>
        <translation>Not explained well</translation>
    </message>
    <message>
        <source>机器不好用</source>
        <translation>The machine was hard to use</translation>
    </message>
    <message>
        <source>态度不好</source>
        <translation>Unfriendly</translation>
    </message>
    <message>
        <source>不评价</source>
        <translation>No rating</translation>
    </message>
    <message>
        <source>提交评价</source>
        <translation>Send rating</translation>
    </message>
</context>
<context>
    <name>ReceiptScreen</name>
    <message>
        <source>回执</source>
        <translation>Receipt</translation>
    </message>
    <message>
        <source>拿到了，下一步</source>
        <translation>Got it, next</translation>
    </message>
    <message>
        <source>不打印，下一步</source>
        <translation>No slip, next</translation>
    </message>
    <message>
        <source>下一步</source>
        <translation>Next</translation>
    </message>
    <message>
        <source>已受理</source>
        <translation>Accepted</translation>
    </message>
    <message>
        <source>已送达，等待受理</source>
        <translation>Delivered, not yet accepted</translation>
    </message>
    <message>
        <source>需要补正</source>
        <translation>Correction needed</translation>
    </message>
    <message>
        <source>已退回，没有受理</source>
        <translation>Returned, not accepted</translation>
    </message>
    <message>
        <source>本机保存，等待发送</source>
        <translation>Kept here, waiting to be sent</translation>
    </message>
    <message>
        <source>办件编号 %1</source>
        <translation>Case number %1</translation>
    </message>
    <message>
        <source>受理中心已经受理这件事。查进度时请报办件编号。</source>
        <translation>The centre has accepted the case. Give the case number when you ask about it.</translation>
    </message>
    <message>
        <source>材料已经在受理中心，窗口还没有看完。有结果会按您留的电话联系您。</source>
        <translation>The papers are at the centre; a clerk has not finished yet. You will be telephoned about the outcome.</translation>
    </message>
    <message>
        <source>请带上要补的材料再来一次，扫回执上的码就能接着办。</source>
        <translation>Come again with what is missing and scan the code on the slip.</translation>
    </message>
    <message>
        <source>这件事没有受理。原因写在下面，您可以向帮办员了解怎么办。</source>
        <translation>This was not accepted. The reason is below; the assistant can tell you what to do.</translation>
    </message>
    <message>
        <source>网络恢复后会自动送到受理中心，送到之前不算受理。可以拿着回执到本站查问。</source>
        <translation>It goes to the centre by itself once the line is back; until then it is not accepted. Ask here with the slip.</translation>
    </message>
    <message>
        <source>正在打印…</source>
        <translation>Printing…</translation>
    </message>
    <message>
        <source>回执打好了，请取走</source>
        <translation>The slip is printed. Please take it.</translation>
    </message>
    <message>
        <source>打印机在等人处理</source>
        <translation>The printer needs a hand</translation>
    </message>
    <message>
        <source>回执没打完整，会再打一张</source>
        <translation>The slip was cut short; one more follows</translation>
    </message>
    <message>
        <source>请看一下：回执出来了吗？</source>
        <translation>Please look: did the slip come out?</translation>
    </message>
    <message>
        <source>没有打印出来</source>
        <translation>Nothing was printed</translation>
    </message>
    <message>
        <source>要一张纸质回执吗？</source>
        <translation>Would you like a paper slip?</translation>
    </message>
    <message>
        <source>处理好以后会自动接着打，不会打两张。</source>
        <translation>It goes on by itself afterwards and never prints twice.</translation>
    </message>
    <message>
        <source>再打一张</source>
        <translation>Print another</translation>
    </message>
    <message>
        <source>打印回执</source>
        <translation>Print the slip</translation>
    </message>
</context>
<context>
    <name>ReportsPane</name>
    <message>
        <source>还没有自检报告</source>
        <translation>No self-test reports yet</translation>
    </message>
    <message>
        <source>每次自检做完，报告都存在本机，并发给受理中心。</source>
        <translation>The report of every self-test is kept here and sent to the centre.</translation>
    </message>
</context>
<context>
    <name>ReprintScreen</name>
    <message>
        <source>重打回执</source>
        <translation>Reprint a receipt</translation>
    </message>
    <message>
        <source>居民走后，本站只留编号、事项、时间和办理状态，没有姓名。请先核对来人，再重打；每次重打都会记录。</source>
        <translation>After a visit only number, service, time and state are kept here, no name. Make sure who asks, then print; every reprint is recorded.</translation>
    </message>
    <message>
        <source>返回首页</source>
        <translation>Home</translation>
    </message>
    <message>
        <source>按办件编号查找，输入几位数字；也可以扫回执上的码</source>
        <translation>Find by case number: a few digits will do; or scan the slip's code</translation>
    </message>
    <message>
        <source>按办件编号查找</source>
        <translation>Find by case number</translation>
    </message>
    <message>
        <source>显示全部</source>
        <translation>Show all</translation>
    </message>
    <message>
        <source>还没有可以重打的回执</source>
        <translation>No receipt to print again yet</translation>
    </message>
    <message>
        <source>没有找到这个编号</source>
        <translation>This number was not found</translation>
    </message>
    <message>
        <source>办完的业务会出现在这里，过一段时间自动清除。</source>
        <translation>Finished visits appear here and are cleared after some time.</translation>
    </message>
    <message>
        <source>请核对编号。时间久的已经清除，请凭编号向受理中心查询。</source>
        <translation>Check the number. Old ones have been cleared; ask the centre by the number.</translation>
    </message>
    <message>
        <source>还没有办件编号</source>
        <translation>No case number yet</translation>
    </message>
    <message>
        <source>交件时间 %1</source>
        <translation>Handed in %1</translation>
    </message>
    <message>
        <source>正在打印…</source>
        <translation>Printing…</translation>
    </message>
    <message>
        <source>重打</source>
        <translation>Reprint</translation>
    </message>
    <message numerus="yes">
        <source>还有 %n 份更早的，请按编号查找。</source>
        <translation>
            <numerusform>%n older one: find it by its number.</numerusform>
            <numerusform>%n older ones: find them by their numbers.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReviewScreen</name>
    <message>
        <source>请核对一遍，有不对的还可以改</source>
        <translation>Please check; it can still be changed</translation>
    </message>
    <message>
        <source>没错，重新提交</source>
        <translation>All correct, hand over</translation>
    </message>
    <message>
        <source>没错，去签名</source>
        <translation>All correct, sign</translation>
    </message>
    <message>
        <source>办什么</source>
        <translation>What for</translation>
    </message>
    <message>
        <source>申请人</source>
        <translation>Applicant</translation>
    </message>
    <message>
        <source>谁来办</source>
        <translation>Who</translation>
    </message>
    <message>
        <source>证件号 %1</source>
        <translation>Number %1</translation>
    </message>
    <message>
        <source>代办人</source>
        <translation>Acting for the applicant</translation>
    </message>
    <message>
        <source>填写的内容</source>
        <translation>What was filled in</translation>
    </message>
    <message>
        <source>（没有填）</source>
        <translation>(left empty)</translation>
    </message>
    <message>
        <source>改填写的内容</source>
        <translation>Change the entries</translation>
    </message>
    <message>
        <source>拍下的材料，点一下放大看</source>
        <translation>Captured pages, touch to enlarge</translation>
    </message>
    <message numerus="yes">
        <source>%1（%n 页）</source>
        <translation>
            <numerusform>%1 (%n page)</numerusform>
            <numerusform>%1 (%n pages)</numerusform>
        </translation>
    </message>
    <message>
        <source>%1（没有拍）</source>
        <translation>%1 (not captured)</translation>
    </message>
    <message>
        <source>%1 第 %2 页</source>
        <translation>%1, page %2</translation>
    </message>
    <message>
        <source>重拍或再加材料</source>
        <translation>Retake or add papers</translation>
    </message>
    <message>
        <source>看好了</source>
        <translation>Close</translation>
    </message>
</context>
<context>
    <name>ScreenFrame</name>
    <message>
        <source>第 %1 步，共 %2 步：%3</source>
        <translation>Step %1 of %2: %3</translation>
    </message>
</context>
<context>
    <name>SelfTestGuide</name>
    <message>
        <source>跳过</source>
        <translation>Skip</translation>
    </message>
    <message>
        <source>跳过%1</source>
        <translation>Skip %1</translation>
    </message>
    <message>
        <source>有测试卡的，现在也可以放到读卡器上读一下；没有就不用管。</source>
        <translation>If you have a test card, lay it on its reader now as well; if not, never mind.</translation>
    </message>
</context>
<context>
    <name>SelfTestPane</name>
    <message>
        <source>打印报告</source>
        <translation>Print report</translation>
    </message>
    <message>
        <source>导出 PDF</source>
        <translation>Export PDF</translation>
    </message>
    <message>
        <source>自检查些什么</source>
        <translation>What the self-test looks at</translation>
    </message>
    <message>
        <source>打印机打一张小票，扫码器、高拍仪、摄像头都要看到它；还查读卡器、磁盘、内存、时钟、网络和中心。快速自检不用纸，也不用动手。</source>
        <translation>The printer prints a slip that scanner, document camera and webcam must see; then card readers, disk, memory, clock, network and centre. The quick check needs no paper and no hand.</translation>
    </message>
</context>
<context>
    <name>ServicePane</name>
    <message>
        <source>诊断包</source>
        <translation>Support bundle</translation>
    </message>
    <message>
        <source>把设置、设备编号、自检结果和运行记录放进一个文件，交给技术支持。里面没有居民信息，也没有密码。插了 U 盘就存到 U 盘。</source>
        <translation>Settings, device numbers, self-tests and logs in one file for support. It holds nothing about residents and no secrets. With a memory stick plugged in it is written there.</translation>
    </message>
    <message>
        <source>正在生成…</source>
        <translation>Making it…</translation>
    </message>
    <message>
        <source>生成诊断包</source>
        <translation>Make bundle</translation>
    </message>
    <message>
        <source>正在生成诊断包</source>
        <translation>Making the support bundle</translation>
    </message>
    <message>
        <source>录制设备通信</source>
        <translation>Record a device's traffic</translation>
    </message>
    <message>
        <source>有居民在办理时不能录制，开始办理就自动停。录下来的不含卡号、姓名、照片，也不含码的内容。</source>
        <translation>Not while a resident is being served; it stops by itself when a visit begins. Card numbers, names, photos and the contents of codes are not recorded.</translation>
    </message>
    <message>
        <source>%1：正在录制</source>
        <translation>%1: recording</translation>
    </message>
    <message>
        <source>存着的录制</source>
        <translation>Kept recordings</translation>
    </message>
    <message>
        <source>删除</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>删除录制 %1</source>
        <translation>Delete recording %1</translation>
    </message>
</context>
<context>
    <name>SetupScreen</name>
    <message>
        <source>第一次启动：设置管理员</source>
        <translation>First start: make the administrator</translation>
    </message>
    <message>
        <source>管理员可以添加帮办员、查看设备。请由负责这个服务站的人来设置。</source>
        <translation>The administrator adds assistants and looks after devices. Whoever is responsible for this station should do this.</translation>
    </message>
    <message>
        <source>为 %1 设一个密码，至少 6 位数字。请记在心里，不要写在机器上。</source>
        <translation>Choose a PIN for %1, at least 6 digits. Keep it in mind; do not write it on the machine.</translation>
    </message>
    <message>
        <source>请再输入一次同样的密码。</source>
        <translation>Please type the same PIN again.</translation>
    </message>
    <message>
        <source>姓名</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>密码</source>
        <translation>PIN</translation>
    </message>
    <message>
        <source>再输一次</source>
        <translation>PIN again</translation>
    </message>
    <message>
        <source>上一步</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>下一步</source>
        <translation>Next</translation>
    </message>
    <message>
        <source>您的姓名</source>
        <translation>Your name</translation>
    </message>
    <message>
        <source>点这里输入</source>
        <translation>Touch here to type</translation>
    </message>
    <message>
        <source>账号</source>
        <translation>Account</translation>
    </message>
    <message>
        <source>例如 wangli</source>
        <translation>for example wangli</translation>
    </message>
    <message>
        <source>用小写字母和数字，字母开头，至少 2 个。</source>
        <translation>Small letters and digits, a letter first, at least 2.</translation>
    </message>
    <message>
        <source>账号只能用小写字母和数字，字母开头，至少 2 个。</source>
        <translation>Small letters and digits only, a letter first, at least 2.</translation>
    </message>
    <message>
        <source>完成</source>
        <translation>Done</translation>
    </message>
    <message>
        <source>新密码</source>
        <translation>New PIN</translation>
    </message>
    <message>
        <source>两次输入不一样，请重新设一个密码。</source>
        <translation>The two were not the same. Please choose a PIN again.</translation>
    </message>
</context>
<context>
    <name>SignOnScreen</name>
    <message>
        <source>帮办员登录</source>
        <translation>Assistant sign-on</translation>
    </message>
    <message>
        <source>请先点自己的名字。</source>
        <translation>Touch your name first.</translation>
    </message>
    <message>
        <source>请输入您的密码。</source>
        <translation>Please type your PIN.</translation>
    </message>
    <message>
        <source>演示密码：%1</source>
        <translation>Demo PIN: %1</translation>
    </message>
    <message>
        <source>这是演示，正式的服务站没有默认密码。</source>
        <translation>This is a demo; a real station has no default PIN.</translation>
    </message>
    <message>
        <source>登录</source>
        <translation>Enter</translation>
    </message>
    <message>
        <source>先选名字</source>
        <translation>Name first</translation>
    </message>
    <message>
        <source>密码</source>
        <translation>PIN</translation>
    </message>
</context>
<context>
    <name>SignatureScreen</name>
    <message>
        <source>请 %1 签名</source>
        <translation>%1, please sign</translation>
    </message>
    <message>
        <source>签好了，提交</source>
        <translation>Signed, hand over</translation>
    </message>
    <message>
        <source>我受 %1 委托，代为申请“%2”。刚才核对的内容和拍下的材料都是真实的，同意交给受理中心办理。</source>
        <translation>On behalf of %1, I apply for "%2". What was read back and captured is true, and I agree to hand it to the centre.</translation>
    </message>
    <message>
        <source>我申请“%1”。刚才核对的内容和拍下的材料都是真实的，同意交给受理中心办理。</source>
        <translation>I apply for "%1". What was read back and captured is true, and I agree to hand it to the centre.</translation>
    </message>
    <message>
        <source>用手指在这里写名字</source>
        <translation>Sign here with your finger</translation>
    </message>
    <message>
        <source>已签名</source>
        <translation>Signed</translation>
    </message>
    <message>
        <source>退一笔</source>
        <translation>Undo</translation>
    </message>
    <message>
        <source>擦掉重写</source>
        <translation>Clear</translation>
    </message>
</context>
<context>
    <name>StartingScreen</name>
    <message>
        <source>家门口服务站</source>
        <translation>Doorstep Service Station</translation>
    </message>
    <message>
        <source>正在准备设备，马上就好。</source>
        <translation>Getting the devices ready; just a moment.</translation>
    </message>
    <message>
        <source>正在启动</source>
        <translation>Starting</translation>
    </message>
</context>
<context>
    <name>StateCard</name>
    <message>
        <source>编号 %1</source>
        <translation>No. %1</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>值班：%1</source>
        <translation>On duty: %1</translation>
    </message>
</context>
<context>
    <name>StepRow</name>
    <message>
        <source>第 %1 步，共 %2 步：%3</source>
        <translation>Step %1 of %2: %3</translation>
    </message>
</context>
<context>
    <name>StillRing</name>
    <message>
        <source>材料放稳 %1%</source>
        <translation>Lying still %1%</translation>
    </message>
</context>
<context>
    <name>SubmitScreen</name>
    <message>
        <source>再试一次</source>
        <translation>Try again</translation>
    </message>
    <message>
        <source>下一步</source>
        <translation>Next</translation>
    </message>
    <message>
        <source>受理中心已经收到</source>
        <translation>The centre has received it</translation>
    </message>
    <message>
        <source>已经存好，联网后自动送出</source>
        <translation>Kept safe, sent once the line is back</translation>
    </message>
    <message>
        <source>正在提交</source>
        <translation>Handing over</translation>
    </message>
    <message>
        <source>已加密封好，存在本机</source>
        <translation>Encrypted, sealed and kept here</translation>
    </message>
    <message>
        <source>还没有存好，请看上面的提示</source>
        <translation>Not kept yet, see the message above</translation>
    </message>
    <message>
        <source>正在加密封好</source>
        <translation>Sealing</translation>
    </message>
    <message>
        <source>停电、断网都不会丢</source>
        <translation>Neither a power cut nor a lost line can lose it</translation>
    </message>
    <message>
        <source>已经送到</source>
        <translation>Delivered</translation>
    </message>
    <message>
        <source>网络断了，材料先存在这里</source>
        <translation>The line is down, the papers are kept here</translation>
    </message>
    <message>
        <source>正在送往受理中心</source>
        <translation>On its way to the centre</translation>
    </message>
    <message>
        <source>网络一恢复就自动送出，您不用等。回执上会写明“本机保存待发送”。</source>
        <translation>It is sent by itself once the line is back; no need to wait. The slip will say "kept here, waiting to be sent".</translation>
    </message>
    <message>
        <source>送达进度 %1%</source>
        <translation>%1% delivered</translation>
    </message>
    <message>
        <source>办件编号 %1</source>
        <translation>Case number %1</translation>
    </message>
    <message>
        <source>等待受理中心确认收到</source>
        <translation>Waiting for the centre to confirm</translation>
    </message>
</context>
<context>
    <name>TechnicianScreen</name>
    <message>
        <source>设备与自检</source>
        <translation>Devices and self-test</translation>
    </message>
    <message>
        <source>返回首页</source>
        <translation>Home</translation>
    </message>
    <message>
        <source>设备设置</source>
        <translation>Device set-up</translation>
    </message>
    <message>
        <source>停止自检</source>
        <translation>Stop</translation>
    </message>
    <message>
        <source>快速自检</source>
        <translation>Quick check</translation>
    </message>
    <message>
        <source>正在自检…</source>
        <translation>Testing…</translation>
    </message>
    <message>
        <source>开始自检</source>
        <translation>Start self-test</translation>
    </message>
    <message>
        <source>自检</source>
        <translation>Self-test</translation>
    </message>
    <message>
        <source>设备</source>
        <translation>Devices</translation>
    </message>
    <message>
        <source>以往报告</source>
        <translation>Reports</translation>
    </message>
    <message>
        <source>远程支持</source>
        <translation>Support</translation>
    </message>
    <message>
        <source>跳过“%1”这一步？</source>
        <translation>Skip this step: %1?</translation>
    </message>
    <message>
        <source>跳过就不能算通过。报告里会写明是谁跳过的。</source>
        <translation>Without it the test does not pass. The report says who skipped it.</translation>
    </message>
    <message>
        <source>跳过</source>
        <translation>Skip</translation>
    </message>
    <message>
        <source>不跳过，接着做</source>
        <translation>Do not skip</translation>
    </message>
    <message>
        <source>删除这个录制？</source>
        <translation>Delete this recording?</translation>
    </message>
    <message>
        <source>%1 删除以后找不回来。</source>
        <translation>%1 cannot be brought back.</translation>
    </message>
    <message>
        <source>删除</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>返回</source>
        <translation>Back</translation>
    </message>
</context>
<context>
    <name>TodoScreen</name>
    <message>
        <source>待补正</source>
        <translation>To correct</translation>
    </message>
    <message>
        <source>请联系居民带齐材料再来。来了以后点“开始补正”，用身份证或回执核对本人。</source>
        <translation>Ask the resident to come with the papers, then touch Start correction; ID card or receipt proves who it is.</translation>
    </message>
    <message>
        <source>返回首页</source>
        <translation>Home</translation>
    </message>
    <message>
        <source>没有要补的材料</source>
        <translation>Nothing to correct</translation>
    </message>
    <message>
        <source>中心要求补正时，会出现在这里。</source>
        <translation>When the centre asks for a correction, it appears here.</translation>
    </message>
    <message>
        <source>办件编号 %1 · %2 要求补正</source>
        <translation>Case %1 · asked for on %2</translation>
    </message>
    <message>
        <source>打印要带的材料</source>
        <translation>Print what to bring</translation>
    </message>
    <message>
        <source>开始补正</source>
        <translation>Start correction</translation>
    </message>
</context>
<context>
    <name>Toggle</name>
    <message>
        <source>开</source>
        <translation>On</translation>
    </message>
    <message>
        <source>关</source>
        <translation>Off</translation>
    </message>
</context>
<context>
    <name>VisitScreen</name>
    <message>
        <source>下一步</source>
        <translation>Next</translation>
    </message>
    <message>
        <source>身份</source>
        <translation>Identity</translation>
    </message>
    <message>
        <source>事项</source>
        <translation>Service</translation>
    </message>
    <message>
        <source>材料</source>
        <translation>Papers</translation>
    </message>
    <message>
        <source>填写</source>
        <translation>Form</translation>
    </message>
    <message>
        <source>核对签名</source>
        <translation>Check, sign</translation>
    </message>
    <message>
        <source>提交</source>
        <translation>Hand over</translation>
    </message>
    <message>
        <source>回执评价</source>
        <translation>Receipt</translation>
    </message>
    <message>
        <source>上一步</source>
        <translation>Back</translation>
    </message>
    <message>
        <source>取消办理</source>
        <translation>Cancel the visit</translation>
    </message>
    <message>
        <source>这次先不补了吗？</source>
        <translation>Leave the correction for now?</translation>
    </message>
    <message>
        <source>要取消这次办理吗？</source>
        <translation>Cancel this visit?</translation>
    </message>
    <message>
        <source>刚才重拍的会清除。办件还在受理中心等着，以后从首页的“待补正”再补。</source>
        <translation>What was just retaken is deleted. The case waits at the centre; correct it later from “To correct” on the first page.</translation>
    </message>
    <message>
        <source>已经拍好的材料和填写的内容都会清除，不会留在本机。需要时可以重新开始。</source>
        <translation>Pages and entries so far will be erased and nothing stays here. You can start again at any time.</translation>
    </message>
    <message>
        <source>接着补</source>
        <translation>Go on</translation>
    </message>
    <message>
        <source>继续办理</source>
        <translation>Go on</translation>
    </message>
    <message>
        <source>先不补了</source>
        <translation>Leave it for now</translation>
    </message>
    <message>
        <source>取消办理并清除</source>
        <translation>Cancel and erase</translation>
    </message>
</context>
<context>
    <name>WaitingScreen</name>
    <message>
        <source>打印回执</source>
        <translation>Print the slip</translation>
    </message>
    <message>
        <source>已受理</source>
        <translation>Accepted</translation>
    </message>
    <message>
        <source>没有受理</source>
        <translation>Not accepted</translation>
    </message>
    <message>
        <source>请补一下材料</source>
        <translation>Something is needed again</translation>
    </message>
    <message>
        <source>窗口正在看您的材料</source>
        <translation>A clerk is looking at your papers</translation>
    </message>
    <message>
        <source>材料已送到，正在排队</source>
        <translation>Delivered, waiting in the queue</translation>
    </message>
    <message>
        <source>%1 · 办件编号 %2</source>
        <translation>%1 · case number %2</translation>
    </message>
    <message>
        <source>正在取号…</source>
        <translation>Drawing a number…</translation>
    </message>
    <message>
        <source>您的号</source>
        <translation>Your number</translation>
    </message>
    <message>
        <source>您的号 %1</source>
        <translation>Your number %1</translation>
    </message>
    <message>
        <source>轮到您了，窗口正在办</source>
        <translation>Your turn: a clerk is on it</translation>
    </message>
    <message>
        <source>前面没有人，马上就到</source>
        <translation>Nobody before you: it is your turn soon</translation>
    </message>
    <message numerus="yes">
        <source>前面还有 %n 位</source>
        <translation>
            <numerusform>%n person before you</numerusform>
            <numerusform>%n people before you</numerusform>
        </translation>
    </message>
    <message>
        <source>打印排队号</source>
        <translation>Print the ticket</translation>
    </message>
    <message>
        <source>不用在这里等</source>
        <translation>No need to wait here</translation>
    </message>
    <message>
        <source>材料已经在受理中心了。您可以先拿回执回家，有结果或要补材料，会按您留的电话联系您。</source>
        <translation>Your papers are at the centre. Take the slip and go home: you will be telephoned about the outcome or a missing paper.</translation>
    </message>
    <message>
        <source>不等了，打印回执</source>
        <translation>Leave now, print the slip</translation>
    </message>
    <message>
        <source>也可以坐一会儿，结果出来会马上显示在这里。</source>
        <translation>Or take a seat: the outcome appears here at once.</translation>
    </message>
    <message>
        <source>受理中心已经受理，请收好回执。</source>
        <translation>The centre has accepted it. Please keep the slip.</translation>
    </message>
    <message>
        <source>窗口看过了，有几页要重新拍：</source>
        <translation>The clerk asks for some pages again:</translation>
    </message>
    <message>
        <source>窗口说明：</source>
        <translation>The clerk says:</translation>
    </message>
</context>
</TS>